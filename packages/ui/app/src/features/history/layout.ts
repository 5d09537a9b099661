import type { ThreadInfo } from "@convo/react";
import type { Group } from "./groups";

/** One line of the list: a group's name, or a thread. */
export interface Line {
  readonly key: string;
  readonly top: number;
  readonly height: number;
  readonly name?: string;
  readonly thread?: ThreadInfo;
}

export interface Sizes {
  readonly name: number;
  readonly thread: number;
}

export interface Layout {
  readonly lines: readonly Line[];
  readonly height: number;
}

/** Where each line stands, in pixels: all threads are of one height, so that only those in sight need be drawn. */
export function laidOut(groups: readonly Group[], sizes: Sizes): Layout {
  const lines: Line[] = [];
  let top = 0;
  const add = (height: number, line: Omit<Line, "top" | "height">) => {
    lines.push({ ...line, top, height });
    top += height;
  };
  for (const { name, threads } of groups) {
    add(sizes.name, { key: `: ${name}`, name });
    for (const thread of threads) add(sizes.thread, { key: thread.id, thread });
  }
  return { lines, height: top };
}

/** The lines between two heights. */
export function between(lines: readonly Line[], from: number, to: number): readonly Line[] {
  return lines.slice(firstAt(lines, from), firstAt(lines, to) + 1);
}

/** The index of the last line that begins at `height` or above. */
function firstAt(lines: readonly Line[], height: number): number {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle]?.top ?? 0) <= height) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}
