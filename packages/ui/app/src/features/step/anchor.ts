import { surface } from "../../ui/surface";
/** What an element on the page is called that shows a step. */
export function anchorOf(stepId: string): string {
  return `step-${stepId}`;
}

/** Shows a step or message in the transcript and points at it, if it is drawn. */
export function goToStep(stepId: string): void {
  const element = surface.root.getElementById(anchorOf(stepId));
  // A step in a folded trace is not seen: then its trace is shown.
  const shown = element?.closest<HTMLElement>(".trace-fold.is-folded")?.closest<HTMLElement>(".trace") ?? element;
  if (!shown) return;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  shown.scrollIntoView({ block: "center", behavior: isCalm ? "auto" : "smooth" });
  shown.tabIndex = -1;
  shown.focus({ preventScroll: true });
  shown.classList.remove("is-pointed");
  void shown.offsetWidth; // the animation begins anew
  shown.classList.add("is-pointed");
}
