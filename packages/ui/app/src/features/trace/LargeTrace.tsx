import { useTrace } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { useNow } from "../step/duration";
import { StepSign } from "../step/StepRow";
import { formatSpan } from "./facts";
import { openTrace } from "./open";

interface LargeTraceProps {
  readonly runId: string;
  /** The step that stands here first. Where messages stand between the steps, the first place says it for all. */
  readonly first: string;
  /** The run was stopped or interrupted. */
  readonly isCut: boolean;
}

/** In the chat, in place of more steps than a chat should hold: how they went, and the way to their trace. */
export function LargeTrace({ runId, first, isCut }: LargeTraceProps): JSX.Element | null {
  const trace = useTrace(runId);
  const isWorking = trace?.end === undefined && !isCut;
  const now = useNow(isWorking);
  if (trace?.roots.find(({ step }) => !step.isMessage)?.id !== first) return null;
  const { start, end, failures, sums } = trace;
  const count = trace.nodes.filter(({ step }) => !step.isMessage).length;
  const facts = [
    failures.length > 0 ? strings.steps.failed({ count: failures.length }) : "",
    sums.tokens === undefined ? "" : strings.steps.tokens({ count: sums.tokens }),
  ];
  return (
    <section className="trace">
      <button type="button" className="trace-head" onClick={() => openTrace(runId)}>
        <StepSign status={isWorking ? "running" : failures.length > 0 ? "failed" : isCut ? "stopped" : "done"} />
        <b>{isWorking ? strings.steps.working : strings.steps.worked({ count })}</b>
        <span className="step-glimpse">{facts.filter(Boolean).join(" · ")}</span>
        {start !== undefined && <span className="duration">{formatSpan(Math.max(0, (end ?? now) - start))}</span>}
        <Glyph shape="trace" />
        <span className="unseen">{strings.trace.open}</span>
      </button>
    </section>
  );
}
