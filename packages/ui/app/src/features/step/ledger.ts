import { createContext, useLayoutEffect, useSyncExternalStore } from "react";

/** What the rows of a trace tell its header and each other. */
export interface Entry {
  readonly name: string;
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly isOpen: boolean;
  readonly isError: boolean;
  readonly defaultOpen: boolean;
  /** Its content is unfolded. */
  readonly isShown: boolean;
  /** That a model read and wrote. */
  readonly tokens: number;
}

export interface Sum {
  readonly count: number;
  readonly failed: number;
  readonly isOpen: boolean;
  /** Name of the step that opened last and is still open. */
  readonly current: string | undefined;
  readonly defaultOpen: boolean;
  readonly start: number | undefined;
  /** Nothing while a step is open. */
  readonly end: number | undefined;
  readonly tokens: number;
  readonly areAllShown: boolean;
}

/** That all rows unfold, or fold. A new object each time somebody wishes so. */
export interface Wish {
  readonly isShown: boolean;
}

const nothing: Sum = {
  count: 0,
  failed: 0,
  isOpen: false,
  current: undefined,
  defaultOpen: false,
  start: undefined,
  end: undefined,
  tokens: 0,
  areAllShown: false,
};

/** The rows of one trace, summed up. Rows come and go by themselves, so that no component must know the whole tree. */
export class Ledger {
  #entries = new Map<string, Entry>();
  #listeners = new Set<() => void>();
  #sum: Sum = nothing;
  #wish: Wish | undefined;

  put(id: string, entry: Entry): void {
    this.#entries.set(id, entry);
    this.#publish();
  }

  remove(id: string): void {
    this.#entries.delete(id);
    this.#publish();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  sum = (): Sum => this.#sum;

  wish = (): Wish | undefined => this.#wish;

  /** Unfold or fold every row. */
  showAll(isShown: boolean): void {
    this.#wish = { isShown };
    this.#publish();
  }

  #publish(): void {
    const entries = [...this.#entries.values()];
    const isOpen = entries.some((entry) => entry.isOpen);
    const starts = entries.flatMap((entry) => entry.start ?? []);
    const ends = entries.flatMap((entry) => entry.end ?? []);
    const running = entries.filter((entry) => entry.isOpen).sort((a, b) => (a.start ?? 0) - (b.start ?? 0));
    this.#sum = {
      count: entries.length,
      failed: entries.filter((entry) => entry.isError).length,
      isOpen,
      current: running.at(-1)?.name,
      defaultOpen: entries.some((entry) => entry.defaultOpen),
      start: starts.length > 0 ? Math.min(...starts) : undefined,
      end: !isOpen && ends.length > 0 ? Math.max(...ends) : undefined,
      tokens: entries.reduce((sum, entry) => sum + entry.tokens, 0),
      areAllShown: entries.every((entry) => entry.isShown),
    };
    for (const listener of this.#listeners) listener();
  }
}

export const LedgerContext = createContext<Ledger>(new Ledger());

export function useSum(ledger: Ledger): Sum {
  return useSyncExternalStore(ledger.subscribe, ledger.sum);
}

/** The last wish for all rows, if there was one since this row came. */
export function useWish(ledger: Ledger): Wish | undefined {
  return useSyncExternalStore(ledger.subscribe, ledger.wish);
}

/** Enters a row for as long as it is shown. */
export function useEntry(ledger: Ledger, id: string, entry: Entry | undefined): void {
  const { name, start, end, isOpen, isError, defaultOpen, isShown, tokens } = entry ?? ({} as Partial<Entry>);
  const isThere = entry !== undefined;
  useLayoutEffect(() => {
    if (!isThere || name === undefined) return;
    ledger.put(id, {
      name,
      start,
      end,
      isOpen: isOpen === true,
      isError: isError === true,
      defaultOpen: defaultOpen === true,
      isShown: isShown === true,
      tokens: tokens ?? 0,
    });
  }, [ledger, id, isThere, name, start, end, isOpen, isError, defaultOpen, isShown, tokens]);
  useLayoutEffect(() => () => ledger.remove(id), [ledger, id]);
}
