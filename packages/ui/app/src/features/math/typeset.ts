import katex from "katex";
import "katex/dist/katex.min.css";
import { surface } from "../../ui/surface";
import { copyFormulas } from "./copy";

const LIMIT = 10_000;

/**
 * Sets a formula within `place`; false if it cannot be read, and then `place` stays empty. The text is a stranger's: no
 * links, no classes, and bounds on what it may grow to.
 */
export function typeset(tex: string, isDisplay: boolean, place: HTMLElement): boolean {
  if (tex.length > LIMIT) return false;
  // Adding it again changes nothing.
  surface.root.addEventListener("copy", copyFormulas);
  const options = {
    displayMode: isDisplay,
    throwOnError: true,
    strict: false,
    trust: false,
    maxSize: 40,
    maxExpand: 200,
  };
  try {
    // Builds nodes and sets styles by script, which a policy without inline styles allows; markup it would not.
    katex.render(tex, place, options);
    return true;
  } catch {
    place.replaceChildren();
    return false;
  }
}
