import { useSyncExternalStore } from "react";
import { formatNumber } from "../../language/format";
import { strings } from "../../strings";

const ONE_DIGIT = { minimumFractionDigits: 1, maximumFractionDigits: 1 };

/** `<0.1 s`, `6.4 s`, `42 s`, `3 min 5 s`, `1 h 12 min`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 0.05) return strings.duration.seconds({ value: `<${formatNumber(0.1)}` });
  if (seconds < 9.95) return strings.duration.seconds({ value: formatNumber(seconds, ONE_DIGIT) });
  const whole = Math.round(seconds);
  if (whole < 60) return strings.duration.seconds({ value: formatNumber(whole) });
  if (whole < 3600) return strings.duration.minutes({ minutes: Math.floor(whole / 60), seconds: whole % 60 });
  return strings.duration.hours({ hours: Math.floor(whole / 3600), minutes: Math.floor((whole % 3600) / 60) });
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, 100);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const still = () => () => undefined;

/** The time, ticking while `isTicking`; one timer for all who ask. */
export function useNow(isTicking: boolean): number {
  return useSyncExternalStore(isTicking ? subscribe : still, () => now);
}

/** Milliseconds from `start` to `end`, or to `at` while there is no end; nothing if it never started. */
export function elapsed(
  start: string | null | undefined,
  end: string | null | undefined,
  at: number,
): number | undefined {
  if (!start) return undefined;
  const from = Date.parse(start);
  const to = end ? Date.parse(end) : at;
  return Number.isNaN(from) || Number.isNaN(to) ? undefined : Math.max(0, to - from);
}
