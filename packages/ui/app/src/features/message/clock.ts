import { useSyncExternalStore } from "react";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" }); // its words stand among ours

const MINUTE_MS = 60_000;
const RECENT_MINUTES = 60;

/** A time as people write it: minutes ago, the clock for today, else with the date. Empty if it is no time. */
export function formatMoment(value: string | null | undefined, now: number = Date.now()): string {
  const date = new Date(value ?? "");
  const time = date.getTime();
  if (Number.isNaN(time)) return "";
  const minutes = Math.floor((now - time) / MINUTE_MS);
  if (minutes < RECENT_MINUTES) return minutes < 1 ? ago.format(0, "second") : ago.format(-minutes, "minute");
  return date.toDateString() === new Date(now).toDateString() ? clock.format(date) : full.format(date);
}

/** The same to the second. */
export function formatExactly(value: string): string {
  return exact.format(new Date(value));
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
