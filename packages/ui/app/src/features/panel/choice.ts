import { surface } from "../../ui/surface";

/** What a reader did with the panel. Kept for the tab's life. */
export interface PanelChoice {
  /** The element he opened. */
  readonly element?: string;
  /** What the app had opened at that time: what it opens later comes first again. */
  readonly over?: string;
  /** What the app had opened when he closed the panel. */
  readonly closed?: string;
}

const KEY = "convo:panel";
const listeners = new Set<() => void>();
const restored = read();
let choice = restored;

/** It was made before the page was loaded again. */
export function isRestored(made: PanelChoice): boolean {
  return made === restored;
}

export function panelChoice(): PanelChoice {
  return choice;
}

export function choosePanel(next: PanelChoice): void {
  choice = next;
  try {
    surface.session.setItem(KEY, JSON.stringify(next));
  } catch {
    // Without storage it is forgotten with the page.
  }
  for (const listener of [...listeners]) listener();
}

export function onPanelChoice(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

function read(): PanelChoice {
  try {
    const { element, over, closed } = JSON.parse(surface.session.getItem(KEY) ?? "{}") as Record<string, unknown>;
    return {
      ...(typeof element === "string" && { element }),
      ...(typeof over === "string" && { over }),
      ...(typeof closed === "string" && { closed }),
    };
  } catch {
    return {};
  }
}
