import { type StepView, type Turn as TurnInfo, usePendingAsks, useRun, useStepFact, useTurns } from "@convo/react";
import { type JSX, memo, useMemo } from "react";
import { AssistantMessage } from "../message/AssistantMessage";
import { UserMessage } from "../message/UserMessage";
import { RunEnd } from "../run/RunEnd";
import { Working } from "../run/Working";
import { Trace } from "../step/Trace";
import { Versions } from "../turn/Versions";

/** What a user said and everything that came of it. */
export const Turn = memo(function Turn({ turn }: { turn: TurnInfo }): JSX.Element {
  const run = useRun(turn.runId);
  const isCut = run?.status === "stopped" || run?.status === "interrupted" || run?.status === "failed";
  const isRunning = run?.status === "running";
  const isAnswered = turn.user !== undefined && run?.trigger === turn.user;
  return (
    <article className="turn">
      {turn.user !== undefined && <UserMessage id={turn.user} fork={turn.forks?.get(turn.user)} canEdit={isAnswered} />}
      {turn.items.map((id, index) => (
        <Item key={id} turn={turn} index={index} isCut={isCut} />
      ))}
      {isRunning && <Gap turn={turn} />}
      {turn.next && (
        <div className="tools is-next">
          <Versions fork={turn.next} />
        </div>
      )}
      {run && <RunEnd status={run.status} error={run.error} again={isAnswered ? turn.user : undefined} />}
    </article>
  );
});

interface ItemProps {
  readonly turn: TurnInfo;
  readonly index: number;
  readonly isCut: boolean;
}

/** A message, or the trace that begins here; nothing for a step that an earlier one's trace shows. */
function Item({ turn, index, isCut }: ItemProps): JSX.Element | null {
  const id = turn.items[index] ?? "";
  const kind = useStepFact(id, kindOf);
  const before = useStepFact(turn.items[index - 1] ?? "", kindOf);
  const rest = useMemo(() => turn.items.slice(index), [turn.items, index]);
  if (kind === undefined) return null;
  if (kind === "message") return <AssistantMessage id={id} isCut={isCut} fork={turn.forks?.get(id)} />;
  if (before === "work") return null;
  return <Trace ids={rest} isCut={isCut} />;
}

function kindOf(step: StepView | undefined): "message" | "work" | undefined {
  return step && (step.isMessage ? "message" : "work");
}

/** Between two pieces of work something shows that the run goes on; not while it waits for an answer. */
function Gap({ turn }: { turn: TurnInfo }): JSX.Element | null {
  const isOpen = useStepFact(turn.items.at(-1) ?? "", (step) => step?.isOpen === true);
  const isAsking = usePendingAsks().some((ask) => ask.runId === turn.runId);
  const isLast = useTurns().findLast((other) => other.runId === turn.runId)?.id === turn.id;
  return isOpen || isAsking || !isLast ? null : <Working />;
}
