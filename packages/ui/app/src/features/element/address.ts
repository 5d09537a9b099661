/** An element's address, if it is one to load: our own, another's by http or https, or an image in the address. */
export function safeAddress(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  try {
    const { protocol } = new URL(address, document.baseURI);
    if (protocol === "http:" || protocol === "https:") return address;
    return /^data:image\/[a-z0-9.+-]+[;,]/i.test(address) ? address : undefined;
  } catch {
    return undefined;
  }
}

/** It lies on this server, so that a viewer may read its bytes. */
export function isOurs(address: string): boolean {
  return new URL(address, document.baseURI).origin === location.origin;
}

/** Where the same file is to be saved and not shown. */
export function downloadAddress(address: string): string {
  if (!isOurs(address)) return address;
  return `${address}${address.includes("?") ? "&" : "?"}download=1`;
}
