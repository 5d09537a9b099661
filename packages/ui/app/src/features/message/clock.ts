import { useSyncExternalStore } from "react";
import { localised } from "../../language/format";

const clock = dates({ hour: "2-digit", minute: "2-digit" });
const full = dates({ dateStyle: "medium", timeStyle: "short" });
const exact = dates({ dateStyle: "full", timeStyle: "medium" });
const precise = dates({ hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
const ago = localised((locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }));

function dates(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  return localised((locale) => new Intl.DateTimeFormat(locale, options));
}

const MINUTE_MS = 60_000;
const RECENT_MINUTES = 60;

/** A time as people write it: minutes ago, the clock for today, else with the date. Empty if it is no time. */
export function formatMoment(value: string | null | undefined, now: number = Date.now()): string {
  const date = new Date(value ?? "");
  const time = date.getTime();
  if (Number.isNaN(time)) return "";
  const minutes = Math.floor((now - time) / MINUTE_MS);
  if (minutes < RECENT_MINUTES) return minutes < 1 ? ago().format(0, "second") : ago().format(-minutes, "minute");
  return date.toDateString() === new Date(now).toDateString() ? clock().format(date) : full().format(date);
}

/** The same to the second. */
export function formatExactly(value: string): string {
  return exact().format(new Date(value));
}

/** The clock of that day, to the millisecond. */
export function formatPrecisely(milliseconds: number): string {
  return precise().format(milliseconds);
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function tick(): void {
  now = Date.now();
  for (const listener of [...listeners]) listener();
}

/** The time now, to the minute, for what was `at`; what is long ago asks no more. */
export function useNow(at: string | null | undefined): number {
  const isRecent = Date.now() - Date.parse(at ?? "") < RECENT_MINUTES * MINUTE_MS;
  return useSyncExternalStore(isRecent ? follow : ignore, () => now);
}

function follow(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(tick, MINUTE_MS / 2);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function ignore(): () => void {
  return () => {};
}
