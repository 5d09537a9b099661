/** Milliseconds in a row that may be spent before the page gets to breathe. */
const BUDGET = 12;

const waiting: (() => void)[] = [];
let spent = 0;

/** Does `work` now, or a moment later if many others were done just before: a thread full of formulas must not freeze. */
export function inTurn(work: () => void): void {
  waiting.push(work);
  if (waiting.length === 1) drain();
}

function drain(): void {
  if (spent === 0) setTimeout(rest);
  const start = performance.now();
  while (waiting.length > 0 && spent + performance.now() - start < BUDGET) {
    // It stays first in line while it is done, so that what it causes queues up behind it.
    try {
      waiting[0]?.();
    } finally {
      waiting.shift();
    }
  }
  spent += performance.now() - start;
}

function rest(): void {
  spent = 0;
  if (waiting.length > 0) drain();
}
