import { surface } from "../../ui/surface";
import { decodeEntities } from "./entities";

/** A link's address if it is safe to follow (http, https, mailto, or relative to this site), else nothing. */
export function linkAddress(href: string): string | undefined {
  return allowed(href, ["http:", "https:", "mailto:"]);
}

/** An image's address if it is safe to load. */
export function imageAddress(href: string): string | undefined {
  const address = decodeEntities(href).trim();
  if (/^data:image\/(?:png|jpeg|gif|webp|avif);base64,/i.test(address)) return address;
  return allowed(href, ["http:", "https:", "blob:"]);
}

function allowed(href: string, protocols: readonly string[]): string | undefined {
  const address = decodeEntities(href).trim();
  if (address === "") return undefined;
  try {
    const url = new URL(address, surface.base);
    return protocols.includes(url.protocol) ? address : undefined;
  } catch {
    return undefined;
  }
}
