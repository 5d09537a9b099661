import { type Generation, useStep, useStepFact } from "@convo/react";
import { type CSSProperties, type JSX, memo, useContext, useEffect, useId, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { Icon } from "../../ui/Icon";
import { anchorOf } from "./anchor";
import { elapsed, formatDuration, useNow } from "./duration";
import { glimpse } from "./glimpse";
import { type Ledger, LedgerContext, useEntry, useSum, useWish } from "./ledger";
import { StepContent } from "./StepContent";

/** The rows of steps that follow one another, from `ids[at]` up to the first message. */
export function StepChain({ ids, at = 0 }: { ids: readonly string[]; at?: number }): JSX.Element | null {
  const id = ids[at];
  const isMessage = useStepFact(id ?? "", (step) => step?.isMessage === true);
  if (id === undefined || isMessage) return null;
  return (
    <>
      <StepRow id={id} depth={0} />
      <StepChain ids={ids} at={at + 1} />
    </>
  );
}

const time = (value: string | null | undefined) => {
  const parsed = value ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
};

export const StepRow = memo(function StepRow({ id, depth }: { id: string; depth: number }): JSX.Element | null {
  const step = useStep(id);
  const ledger = useContext(LedgerContext);
  const wish = useWish(ledger);
  const [choice, setChoice] = useState<boolean>();
  const isOpen = step?.isOpen === true;
  const collapses = step?.autoCollapse === true;
  useEffect(() => {
    if (!isOpen && collapses) setChoice(false);
  }, [isOpen, collapses]);
  useEffect(() => {
    if (wish !== undefined) setChoice(wish.isShown);
  }, [wish]);
  const name = step?.name || strings.steps.unnamed;
  const defaultOpen = step?.defaultOpen === true && (isOpen || !collapses);
  const isShown = choice ?? defaultOpen;
  const tokens = tokensOf(step?.generation);
  useEntry(
    ledger,
    id,
    step && !step.isMessage
      ? {
          name,
          start: time(step.start ?? step.createdAt),
          end: time(step.end),
          isOpen,
          isError: step.isError === true,
          defaultOpen,
          isShown,
          tokens: tokens ?? 0,
        }
      : undefined,
  );
  const content = useId();
  // A message inside a step stands in the transcript.
  if (!step || step.isMessage) return null;
  const input = step.showInput ? step.input : "";
  const status = isOpen ? "running" : step.isError ? "failed" : "done";
  return (
    <>
      <div id={anchorOf(id)} className="step" style={{ "--depth": Math.min(depth, 8) } as CSSProperties}>
        <button
          type="button"
          className="step-line"
          aria-expanded={isShown}
          aria-controls={isShown ? content : undefined}
          onClick={() => setChoice(!isShown)}
        >
          <StepSign status={status} />
          <Icon name={step.icon} small />
          <b>{name}</b>
          <span className="step-glimpse">{glimpse(isOpen ? input || step.output : step.output || input)}</span>
          {tokens !== undefined && <span className="step-fact">{strings.steps.tokens({ count: tokens })}</span>}
          <Lane ledger={ledger} start={time(step.start ?? step.createdAt)} end={time(step.end)} />
          <Duration start={step.start ?? step.createdAt} end={step.end} />
          <span className={isShown ? "turn-sign is-down" : "turn-sign"}>
            <Glyph shape="chevron" small />
          </span>
        </button>
        {isShown && (
          <div id={content} className="step-content">
            <StepContent step={step} />
          </div>
        )}
      </div>
      {step.children.map((child) => (
        <StepRow key={child} id={child} depth={depth + 1} />
      ))}
    </>
  );
});

/** How many tokens a model read and wrote, as far as it is known. */
function tokensOf(generation: Generation | undefined): number | undefined {
  if (generation === undefined) return undefined;
  const { tokenCount, inputTokenCount, outputTokenCount } = generation;
  if (tokenCount !== undefined) return tokenCount;
  if (inputTokenCount === undefined && outputTokenCount === undefined) return undefined;
  return (inputTokenCount ?? 0) + (outputTokenCount ?? 0);
}

export type StepStatus = keyof typeof strings.steps.status;

export function StepSign({ status }: { status: StepStatus }): JSX.Element {
  return (
    <>
      {status === "running" ? (
        <span className="spin" />
      ) : (
        <span className={`sign-${status}`}>
          <Glyph shape={status === "done" ? "check" : status === "failed" ? "cross" : "stopped"} />
        </span>
      )}
      <span className="unseen">{strings.steps.status[status]}</span>
    </>
  );
}

export function Duration({
  start,
  end,
}: {
  start: string | null | undefined;
  end: string | null | undefined;
}): JSX.Element {
  const now = useNow(Boolean(start) && !end);
  const milliseconds = elapsed(start, end, now);
  return <span className="duration">{milliseconds === undefined ? "" : formatDuration(milliseconds)}</span>;
}

/** Where in the trace's time this step lies. */
function Lane({
  ledger,
  start,
  end,
}: {
  ledger: Ledger;
  start: number | undefined;
  end: number | undefined;
}): JSX.Element {
  const sum = useSum(ledger);
  const now = useNow(sum.isOpen);
  if (start === undefined || sum.start === undefined) return <span className="lane" />;
  const whole = Math.max(1, (sum.end ?? Math.max(now, sum.start)) - sum.start);
  const left = Math.min(96, ((start - sum.start) / whole) * 100);
  const width = Math.min(100 - left, Math.max(4, (((end ?? Math.max(now, start)) - start) / whole) * 100));
  return (
    <span className="lane" aria-hidden="true">
      <i style={{ left: `${left}%`, width: `${width}%` }} />
    </span>
  );
}
