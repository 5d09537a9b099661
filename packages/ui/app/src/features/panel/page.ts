import { surface } from "../../ui/surface";
import { moveTo } from "../app/path";
import { addressOf, elementAddress, threadOf } from "../app/route";

/** What had the focus when a page was opened over the chat, which makes the chat inert. */
let opener: Element | null = null;

/** Opens the page of an element. A chat that has no address yet gets one to come back to. */
export function openPage(thread: string, elementId: string): void {
  opener = surface.root.activeElement;
  if (threadOf(surface.path) !== thread) moveTo(addressOf(thread), true);
  moveTo(elementAddress(thread, elementId));
}

/** Gives the focus back, once the chat is to be seen again. */
export function returnFocus(): void {
  const back = opener instanceof HTMLElement && opener.isConnected ? opener : surface.root.getElementById("composer");
  opener = null;
  back?.focus({ preventScroll: true });
}
