import type { Turn as TurnInfo } from "@convo/react";
import { type JSX, memo, type RefObject } from "react";
import { useBacklog } from "./backlog";
import { useNumbers } from "./numbers";
import { Older } from "./Older";
import { Turn } from "./Turn";

/**
 * Turns in a group. React and the browser look at all siblings of what changes: at the groups, and at the turns of one
 * of them.
 */
const SIZE = 12;

interface TurnsProps {
  readonly turns: readonly TurnInfo[];
  readonly frame: RefObject<HTMLElement | null>;
}

/** The turns of a thread, the last ones first. */
export function Turns({ turns, frame }: TurnsProps): JSX.Element {
  const { key, first } = useNumbers(turns);
  const [firstGroup, lastGroup] = [Math.floor(first / SIZE), Math.floor((first + turns.length - 1) / SIZE)];
  const from = useBacklog(key, firstGroup, lastGroup);
  const groups = Array.from({ length: lastGroup - from + 1 }, (_, index) => from + index);
  return (
    <>
      <Older frame={frame} isDrawn={from === firstGroup} />
      {groups.map((group) => {
        const [start, end] = [Math.max(0, group * SIZE - first), (group + 1) * SIZE - first];
        return <Group key={group} turns={turns.slice(start, end)} isPast={end <= turns.length - 2} />;
      })}
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
