import type { Turn as TurnInfo } from "@convo/react";
import { type JSX, memo } from "react";
import { useBacklog } from "./backlog";
import { Turn } from "./Turn";

/** Turns in a group. React looks at all siblings of what it renders: at the groups, and at the turns of one of them. */
const SIZE = 12;

/** The turns of a thread, the last ones first. */
export function Turns({ turns }: { turns: readonly TurnInfo[] }): JSX.Element {
  const count = Math.ceil(turns.length / SIZE);
  const left = useBacklog(turns[0]?.id, count);
  const groups = Array.from({ length: count - left }, (_, index) => (left + index) * SIZE);
  return (
    <>
      {groups.map((start) => (
        <Group key={start} turns={turns.slice(start, start + SIZE)} recent={turns.length - 2 - start} />
      ))}
    </>
  );
}

interface GroupProps {
  readonly turns: readonly TurnInfo[];
  /** From which of them on they are the thread's last two. */
  readonly recent: number;
}

const Group = memo(
  function Group({ turns, recent }: GroupProps): JSX.Element {
    return (
      <>
        {turns.map((turn, index) => (
          <Turn key={turn.id} turn={turn} isLast={index >= recent} />
        ))}
      </>
    );
  },
  (before, after) =>
    before.turns.length === after.turns.length &&
    (before.recent === after.recent || Math.min(before.recent, after.recent) >= after.turns.length) &&
    before.turns.every((turn, index) => turn === after.turns[index]),
);
