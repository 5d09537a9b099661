import type { Turn as TurnInfo } from "@convo/react";
import { type JSX, memo } from "react";
import { useBacklog } from "./backlog";
import { Turn } from "./Turn";

/**
 * Turns in a group. React and the browser look at all siblings of what changes: at the groups, and at the turns of one
 * of them.
 */
const SIZE = 12;

/** The turns of a thread, the last ones first. */
export function Turns({ turns }: { turns: readonly TurnInfo[] }): JSX.Element {
  const count = Math.ceil(turns.length / SIZE);
  const left = useBacklog(turns[0]?.id, count);
  const groups = Array.from({ length: count - left }, (_, index) => (left + index) * SIZE);
  return (
    <>
      {groups.map((start) => (
        <Group key={start} turns={turns.slice(start, start + SIZE)} isPast={start + SIZE <= turns.length - 2} />
      ))}
    </>
  );
}

interface GroupProps {
  readonly turns: readonly TurnInfo[];
  /** The thread's last two turns are not among them. */
  readonly isPast: boolean;
}

const Group = memo(
  function Group({ turns, isPast }: GroupProps): JSX.Element {
    return (
      <div className={isPast ? "turns is-past" : "turns"}>
        {turns.map((turn) => (
          <Turn key={turn.id} turn={turn} />
        ))}
      </div>
    );
  },
  (before, after) =>
    before.turns.length === after.turns.length &&
    before.isPast === after.isPast &&
    before.turns.every((turn, index) => turn === after.turns[index]),
);
