import type { StepType } from "@convo/client";
import type { Sums, TraceNode } from "@convo/react";
import { formatDollars, formatNumber } from "../../language/format";
import { strings } from "../../strings";
import { formatTime } from "../generation/figures";
import { formatDuration } from "../step/duration";

/** How long something took, to the millisecond while that says something. */
export function formatSpan(milliseconds: number): string {
  return milliseconds < 60_000 ? formatTime(milliseconds) : formatDuration(milliseconds);
}

/** A round time on an axis. */
export function formatTick(milliseconds: number): string {
  if (milliseconds < 1000) return formatTime(milliseconds);
  if (milliseconds >= 60_000) return formatDuration(milliseconds);
  return strings.duration.seconds({ value: formatNumber(milliseconds / 1000, { maximumFractionDigits: 2 }) });
}

/** What models cost; the least of it where the price of some is not known. Empty if nothing is. */
export function formatCost({ cost, unpriced }: Sums): string {
  if (cost === undefined) return "";
  return unpriced === 0 ? formatDollars(cost) : `≥ ${formatDollars(cost)}`;
}

export function formatTokens({ tokens }: Sums): string {
  return tokens === undefined ? "" : formatNumber(tokens);
}

/** What a step is called; a message, by who says it. */
export function nameOf({ step }: TraceNode): string {
  return (step.isMessage ? step.author : step.name) || strings.steps.unnamed;
}

/** What kind a step is of, in the page's language. */
export function typeName(type: StepType): string {
  const { types } = strings.trace;
  const names: Record<StepType, string> = {
    run: types.run,
    tool: types.tool,
    llm: strings.generation.model,
    embedding: types.embedding,
    retrieval: types.retrieval,
    rerank: types.rerank,
    undefined: strings.trace.step,
    user_message: strings.generation.message,
    assistant_message: types.answer,
    system_message: strings.message.system,
  };
  return names[type] ?? type; // the page may be older than its server
}
