import type { RunInfo, Trace } from "@convo/react";
import type { JSX } from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import { StepSign, type StepStatus } from "../step/StepRow";
import { formatCost, formatSpan } from "./facts";

interface SummaryProps {
  readonly trace: Trace;
  readonly run: RunInfo | undefined;
  readonly now: number;
}

/** How a run went as a whole. */
export function Summary({ trace, run, now }: SummaryProps): JSX.Element {
  const { start, end, sums, nodes, failures } = trace;
  const status = statusOf(run, end === undefined);
  const facts = [
    start === undefined ? "" : formatSpan(Math.max(0, (end ?? now) - start)),
    strings.trace.count({ count: nodes.length }),
    failures.length > 0 ? strings.steps.failed({ count: failures.length }) : "",
    sums.tokens === undefined ? "" : strings.steps.tokens({ count: sums.tokens }),
    formatCost(sums),
  ];
  return (
    <div className="traced-summary">
      <StepSign status={status} />
      {run !== undefined && <code>{run.callback}</code>}
      <span>{facts.filter(Boolean).join(" · ")}</span>
      {run?.error && <p className="traced-error">{said(run.error)}</p>}
    </div>
  );
}

function statusOf(run: RunInfo | undefined, isGoing: boolean): StepStatus {
  if (run?.status === "failed") return "failed";
  if (run?.status === "stopped" || run?.status === "interrupted") return "stopped";
  return isGoing ? "running" : "done";
}
