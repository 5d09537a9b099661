import { surface } from "../../ui/surface";
/** An element's address, if it is one to load: our own, another's by http or https, in a widget what it has loaded, or an image in the address. */
export function safeAddress(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  try {
    const { protocol } = new URL(address, surface.base);
    if (protocol === "http:" || protocol === "https:" || (protocol === "blob:" && !surface.isPage)) return address;
    return /^data:image\/[a-z0-9.+-]+[;,]/i.test(address) ? address : undefined;
  } catch {
    return undefined;
  }
}

/** It lies on this server, so that a viewer may read its bytes. */
export function isOurs(address: string): boolean {
  if (address.startsWith("blob:")) return true;
  return new URL(address, surface.base).origin === new URL(surface.base).origin;
}

/** Where the same file is to be saved and not shown. */
export function downloadAddress(address: string): string {
  if (!isOurs(address) || address.startsWith("blob:")) return address;
  return `${address}${address.includes("?") ? "&" : "?"}download=1`;
}
