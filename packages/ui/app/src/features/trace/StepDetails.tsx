import type { TraceNode } from "@convo/react";
import type { JSX, Ref } from "react";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { formatTime } from "../generation/figures";
import { JsonView } from "../json/JsonView";
import { formatPrecisely } from "../message/clock";
import { StepContent } from "../step/StepContent";
import { StepSign } from "../step/StepRow";
import { formatCost, formatSpan, formatTokens, nameOf, typeName } from "./facts";
import "../generation/generation.css";

interface StepDetailsProps {
  readonly ref: Ref<HTMLElement>;
  readonly node: TraceNode;
  readonly json: () => string;
  readonly now: number;
}

/** All that is known of a step. */
export function StepDetails({ ref, node, json, now }: StepDetailsProps): JSX.Element {
  const { step, status, start, end, sums } = node;
  const figures: readonly (readonly [string, string])[] = [
    [strings.trace.status, strings.steps.status[status]],
    [strings.trace.type, typeName(step.type)],
    [strings.trace.started, start === undefined ? "" : formatPrecisely(start)],
    [strings.generation.duration, start === undefined ? "" : formatSpan(Math.max(0, (end ?? now) - start))],
    [
      strings.generation.firstToken,
      step.generation?.ttFirstToken === undefined ? "" : formatTime(step.generation.ttFirstToken),
    ],
    [strings.generation.tokensAll, formatTokens(sums)],
    [strings.generation.cost, formatCost(sums)],
    [strings.trace.tags, step.tags?.join(", ") ?? ""],
  ];
  const { metadata } = step;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
    <section ref={ref} className="traced-details" aria-label={strings.trace.details} tabIndex={0}>
      <header className="traced-details-head">
        <StepSign status={status} />
        <h3>{nameOf(node)}</h3>
        <CopyButton text={json} label={strings.trace.copyStep} done={strings.code.copied} labelled />
      </header>
      <dl className="generation-figures">
        {figures
          .filter(([, value]) => value !== "")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <StepContent step={step} />
      {metadata !== undefined && Object.keys(metadata).length > 0 && (
        <section className="step-part">
          <div className="step-part-head">
            <h3>{strings.generation.metadata}</h3>
          </div>
          <JsonView text={JSON.stringify(metadata)} label={strings.generation.metadata} />
        </section>
      )}
    </section>
  );
}
