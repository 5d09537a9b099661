import type { Port } from "./port";

/** Links open in a tab of their own, by the page: this frame goes nowhere. */
export function followLinks(port: Port): void {
  const open = (url: string): void => port.say({ kind: "open", url });
  addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return;
    const isHere = link.getAttribute("href")?.startsWith("#") === true;
    event.preventDefault();
    if (isHere) document.getElementById(decodeURIComponent(link.hash.slice(1)))?.scrollIntoView();
    else if (/^(https?|mailto|tel):$/.test(link.protocol)) open(link.href);
  });
  addEventListener("submit", (event) => event.preventDefault());
  window.open = (url) => {
    if (url !== undefined) open(new URL(url, document.baseURI).href);
    return null;
  };
}
