import { useSyncExternalStore } from "react";
import { onPanelChoice, type PanelChoice, panelChoice } from "../panel/choice";

/** The trace that a reader has opened. */
export interface OpenTrace {
  readonly runId: string;
  /** What was chosen for the panel at that time: what is opened there later stands before the trace. */
  readonly over: PanelChoice;
}

const listeners = new Set<() => void>();
let open: OpenTrace | undefined;

export function openTrace(runId: string): void {
  show({ runId, over: panelChoice() });
}

export function closeTrace(): void {
  show(undefined);
}

/** The trace to show; nothing while an element stands before it that was opened from it. */
export function useOpenTrace(): OpenTrace | undefined {
  return useSyncExternalStore(subscribe, shown);
}

function shown(): OpenTrace | undefined {
  const choice = panelChoice();
  return choice.element !== undefined && choice !== open?.over ? undefined : open;
}

function show(next: OpenTrace | undefined): void {
  open = next;
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  const end = onPanelChoice(listener);
  return () => {
    listeners.delete(listener);
    end();
  };
}
