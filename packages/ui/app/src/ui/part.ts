import { config } from "../config";

/** What a module exports, or one thing of it, loaded when it is first wanted. */
export type Part<T> = () => Promise<T>;

/** Milliseconds until what did not come is asked for again; each time twice as many, up to the most, */
const FIRST = 1_000;
const MOST = 30_000;
/** or up to this many where the server answers, and most likely never has it again. */
const MOST_GONE = 600_000;
/** Milliseconds a server has to answer. */
const PATIENCE = 10_000;

/**
 * What `load` imports, asked for once by all who want it. What does not come is asked for again until it is there, and at
 * once when the server may be back. Rejects only with what the module itself throws.
 */
export function part<T>(load: () => Promise<T>): Part<T> {
  let wanted: Promise<T> | undefined;
  return () => {
    wanted ??= insist(load);
    return wanted;
  };
}

async function insist<T>(load: () => Promise<T>): Promise<T> {
  let last: unknown;
  let isReached = false;
  for (let pause = FIRST; ; ) {
    try {
      const loaded = await load();
      note(load, false);
      return loaded;
    } catch (error) {
      if (error === last && !isOfLoading(error)) throw error;
      last = error;
    }
    const wasReached = isReached;
    isReached = await answers();
    const isGone = isReached && wasReached;
    if (isGone) note(load, true);
    if (isGone || !isReached) await chance(pause);
    pause = Math.min(2 * pause, isGone ? MOST_GONE : MOST);
  }
}

/** A module throws the same error each time. What did not come fails anew, but where a browser keeps that it did not. */
function isOfLoading(error: unknown): boolean {
  return error instanceof TypeError && /module/i.test(error.message);
}

/** Whether there is a server. It is asked for a file whose name stays, and which pages elsewhere may ask for too. */
async function answers(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const address = `${config.root}/copilot/index.js`;
    const { status } = await fetch(address, { method: "HEAD", cache: "no-store", signal });
    return status < 500; // a proxy says more for a server that is not there
  } catch {
    return false;
  }
}

const waiting = new Set<() => void>();

/** Asks for what is missing at once: the server has just been heard. */
export function askAgain(): void {
  for (const go of waiting) go();
  waiting.clear();
}

function chance(milliseconds: number): Promise<void> {
  addEventListener("online", askAgain); // which is no second time when it is one already
  return new Promise((resolve) => {
    waiting.add(resolve);
    setTimeout(resolve, milliseconds);
  });
}

const missing = new Set<unknown>();
const listeners = new Set<() => void>();

/** Whether the server answers, and does not have what this page wants: most likely it has a newer one. */
export function isOutdated(): boolean {
  return missing.size > 0;
}

/** Calls `listener` when that changes. Returns how to end that. */
export function onOutdated(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function note(load: unknown, isMissing: boolean): void {
  if (missing.has(load) === isMissing) return;
  if (isMissing) missing.add(load);
  else missing.delete(load);
  for (const listener of [...listeners]) listener();
}
