import type { ThreadInfo } from "@convo/react";
import { formatMonth } from "../../language/format";
import { strings } from "../../strings";

export interface Group {
  readonly name: string;
  readonly threads: readonly ThreadInfo[];
}

/** Threads by when they last changed, as somebody thinks of it who looks at `now`; the pinned ones first. */
export function grouped(pinned: readonly ThreadInfo[], threads: readonly ThreadInfo[], now: Date): readonly Group[] {
  const groups = new Map<string, ThreadInfo[]>();
  if (pinned.length > 0) groups.set(strings.chats.groups.pinned, [...pinned]);
  for (const thread of threads) {
    const name = nameOf(new Date(thread.changedAt ?? now), now);
    const group = groups.get(name);
    if (group) group.push(thread);
    else groups.set(name, [thread]);
  }
  return [...groups].map(([name, members]) => ({ name, threads: members }));
}

function nameOf(changed: Date, now: Date): string {
  const days = dayOf(now) - dayOf(changed);
  if (days <= 0) return strings.chats.groups.today; // also when a clock is ahead
  if (days === 1) return strings.chats.groups.yesterday;
  if (days <= 7) return strings.chats.groups.week;
  if (days <= 30) return strings.chats.groups.month;
  return formatMonth(changed);
}

/** The number of a calendar day where the reader is: days are not all 24 hours long. */
function dayOf(time: Date): number {
  return Math.round(Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) / 86_400_000);
}

/** Milliseconds until the groups are others. */
export function untilMidnight(now: Date): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime() - now.getTime();
}
