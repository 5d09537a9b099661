import type { Turn } from "@convo/react";
import { useRef } from "react";

interface Numbers {
  /** Another one for another list. */
  readonly key: object;
  readonly first: number;
}

/**
 * Numbers for turns that stay theirs when others come before them: that of the first one of `turns`. They begin at 0 and
 * go below it.
 */
export function useNumbers(turns: readonly Turn[]): Numbers {
  const known = useRef<Numbers & { turns: readonly Turn[] }>({ key: {}, first: 0, turns });
  const before = known.current;
  if (before.turns !== turns) {
    const shift = shiftOf(turns, before.turns);
    known.current =
      shift === undefined ? { key: {}, first: 0, turns } : { key: before.key, first: before.first - shift, turns };
  }
  return known.current;
}

/** How many turns more stand before those that are in both lists; `undefined` when none is. */
function shiftOf(turns: readonly Turn[], before: readonly Turn[]): number | undefined {
  if (turns[0] !== undefined && turns[0].id === before[0]?.id) return 0;
  const places = new Map(before.map(({ id }, index) => [id, index]));
  for (const [index, { id }] of turns.entries()) {
    const place = places.get(id);
    if (place !== undefined) return index - place;
  }
  return undefined;
}
