import { surface } from "./surface";

/** Pixels between a list and its button, and the edge of the page. */
const GAP = 6;

/** Above or below its button, wherever there is more room, and within the page. */
export function place(list: HTMLElement, button: DOMRect): void {
  const { innerWidth, innerHeight } = window;
  const isBelow = innerHeight - button.bottom >= button.top;
  const room = (isBelow ? innerHeight - button.bottom : button.top) - 2 * GAP;
  list.style.maxHeight = `${room}px`;
  const left = surface.frame.dir === "rtl" ? button.right - list.offsetWidth : button.left;
  list.style.left = `${Math.max(GAP, Math.min(left, innerWidth - list.offsetWidth - GAP))}px`;
  if (isBelow) list.style.top = `${button.bottom + GAP}px`;
  else list.style.bottom = `${innerHeight - button.top + GAP}px`;
}
