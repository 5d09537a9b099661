import { createContext } from "react";
import { config } from "../../config";
import { surface } from "../../ui/surface";

/** Whether the text within is the app's author's own: then its images are, too. */
export const AuthorContext = createContext(false);

/**
 * Whether an image is on a host that the app does not name: asking it would tell who reads this, and when. Whatever a
 * model can be talked into writing stands in its address.
 */
export function isForeign(address: string): boolean {
  const url = new URL(address, surface.base);
  if (!/^https?:$/.test(url.protocol) || url.origin === new URL(surface.base).origin) return false;
  return !config.images.some((pattern) => matches(url, pattern));
}

export function hostOf(address: string): string {
  return new URL(address, surface.base).host;
}

function matches(url: URL, pattern: string): boolean {
  if (pattern === "*" || pattern === url.origin) return true;
  const [scheme, host] = pattern.split("://*.");
  return host !== undefined && url.protocol === `${scheme}:` && url.host.endsWith(`.${host}`);
}

const wanted = new Set<string>();

/** Somebody pressed: an image stays where it is shown again. */
export function want(address: string): void {
  wanted.add(address);
}

export function isWanted(address: string): boolean {
  return wanted.has(address);
}
