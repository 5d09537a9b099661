import { surface } from "../../ui/surface";
/**
 * Copies a selection with formulas in it as one would write it: each formula as its source, and no buttons. What the
 * browser would copy of a formula are its letters, one a line.
 */
export function copyFormulas(event: Event): void {
  const selection = selected();
  if (
    !(event instanceof ClipboardEvent) ||
    event.defaultPrevented ||
    !selection ||
    selection.isCollapsed ||
    selection.rangeCount === 0
  )
    return;
  const range = selection.getRangeAt(0).cloneRange();
  const first = formulaAround(range.startContainer);
  const last = formulaAround(range.endContainer);
  // Half a formula is none: one that is begun is copied whole.
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  const board = document.createElement("div");
  board.append(range.cloneContents());
  const formulas = board.querySelectorAll<HTMLElement>(".formula");
  if (formulas.length === 0 || !event.clipboardData) return;
  for (const formula of formulas) formula.replaceWith(sourceOf(formula));
  for (const tool of board.querySelectorAll("figcaption, button, .table-tools")) tool.remove();
  const html = board.innerHTML;
  // Laid out, so that its text has the line breaks that one sees.
  board.className = "copy-board";
  surface.layer.append(board);
  const text = board.innerText;
  board.remove();
  event.preventDefault();
  event.clipboardData.setData("text/plain", text.trim());
  event.clipboardData.setData("text/html", html);
}

function formulaAround(node: Node): Element | null | undefined {
  return (node instanceof Element ? node : node.parentElement)?.closest(".formula");
}

function sourceOf(formula: HTMLElement): Node {
  const place = document.createElement(formula.classList.contains("is-display") ? "div" : "span");
  place.textContent = formula.dataset.source ?? "";
  return place;
}

/** What is selected; in a shadow root, browsers say so only there, as far as they do. */
function selected(): Selection | null {
  const root = surface.root as Partial<Pick<Document, "getSelection">>;
  return root.getSelection?.() ?? getSelection();
}
