import type { StepType } from "@convo/client";
import type { Trace, TraceStatus } from "@convo/react";

export interface Search {
  readonly text: string;
  readonly type: StepType | undefined;
  readonly status: TraceStatus | undefined;
}

/** How a reader looks at a trace. It outlives the place where that is shown. */
export interface Look {
  readonly search: Search;
  readonly folded: ReadonlySet<string>;
  /** The step whose details are shown. */
  readonly chosen: string | undefined;
  /** The run that stands beside this one. */
  readonly other: string | undefined;
}

export const EVERYTHING: Search = { text: "", type: undefined, status: undefined };
export const NOTHING: ReadonlySet<string> = new Set();

/** At first all is open, and what failed is shown. */
export function firstLook(trace: Trace | undefined): Look {
  const chosen = trace?.failures[0]?.id ?? trace?.roots[0]?.id;
  return { search: EVERYTHING, folded: NOTHING, chosen, other: undefined };
}

/** A set of folded steps in which one is open, or not. */
export function foldedWith(folded: ReadonlySet<string>, id: string, isOpen: boolean): ReadonlySet<string> {
  const after = new Set(folded);
  if (isOpen) after.delete(id);
  else after.add(id);
  return after;
}
