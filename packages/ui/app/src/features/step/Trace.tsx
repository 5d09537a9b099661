import { useStepFact, useWork } from "@convo/react";
import { type JSX, memo, Suspense, useEffect, useId, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { later } from "../../ui/later";
import { TraceButton } from "../trace/TraceButton";
import { Ledger, LedgerContext, useSum } from "./ledger";
import { Duration, StepChain, StepSign, type StepStatus } from "./StepRow";
import "./trace.css";

/** How long a finished trace stays open, so that its last step can be seen to finish. */
const LINGER = 900;
/** Of more steps a chat shows only how they went. */
const MOST = 300;

const LargeTrace = later(() => import("../trace/LargeTrace").then((module) => module.LargeTrace));

interface TraceProps {
  readonly ids: readonly string[];
  /** The run was stopped or interrupted: steps that did not end were cut. */
  readonly isCut: boolean;
}

/** Steps that follow one another, as one block that folds away when the work is done. */
export const Trace = memo(function Trace({ ids, isCut }: TraceProps): JSX.Element {
  const first = ids[0] ?? "";
  const runId = useStepFact(first, (step) => step?.runId);
  const work = useWork(runId);
  if (runId === undefined || work <= MOST) return <SmallTrace ids={ids} isCut={isCut} runId={runId} />;
  return (
    <Suspense>
      <LargeTrace runId={runId} first={first} isCut={isCut} />
    </Suspense>
  );
});

function SmallTrace({ ids, isCut, runId }: TraceProps & { readonly runId: string | undefined }): JSX.Element {
  const [ledger] = useState(() => new Ledger());
  const sum = useSum(ledger);
  const [choice, setChoice] = useState<boolean>();
  const [lingers, setLingers] = useState(false);
  const rows = useId();
  const isWorking = sum.isOpen && !isCut;
  useEffect(() => {
    if (isWorking) {
      setLingers(true);
      return;
    }
    const timer = setTimeout(() => setLingers(false), LINGER);
    return () => clearTimeout(timer);
  }, [isWorking]);
  const isShown = choice ?? (isWorking || lingers || sum.defaultOpen);
  const status: StepStatus = isWorking
    ? "running"
    : sum.failed > 0
      ? "failed"
      : isCut && sum.isOpen
        ? "stopped"
        : "done";
  const iso = (value: number | undefined) => (value === undefined ? undefined : new Date(value).toISOString());
  return (
    <section className={isShown ? "trace is-shown" : "trace"}>
      <div className="trace-top">
        <button
          type="button"
          className="trace-head"
          aria-expanded={isShown}
          aria-controls={rows}
          onClick={() => setChoice(!isShown)}
        >
          <StepSign status={status} />
          <b>{isWorking ? strings.steps.working : strings.steps.worked({ count: sum.count })}</b>
          {isWorking && sum.current !== undefined && <span className="step-glimpse">{sum.current}</span>}
          {!isWorking && (sum.failed > 0 || sum.tokens > 0) && (
            <span className="step-glimpse">
              {sum.failed > 0 && <span className="is-bad">{strings.steps.failed({ count: sum.failed })}</span>}
              {sum.failed > 0 && sum.tokens > 0 && " · "}
              {sum.tokens > 0 && strings.steps.tokens({ count: sum.tokens })}
            </span>
          )}
          <span className="lane" />
          <Duration start={iso(sum.start)} end={isWorking ? undefined : iso(sum.end ?? sum.start)} />
          <span className={isShown ? "turn-sign is-down" : "turn-sign"}>
            <Glyph shape="chevron" small />
          </span>
        </button>
        {runId !== undefined && <TraceButton runId={runId} />}
      </div>
      <div id={rows} className={isShown ? "trace-fold" : "trace-fold is-folded"} inert={!isShown}>
        <div className="trace-rows">
          {sum.count > 1 && (
            <div className="trace-tools">
              <button type="button" className="code-tool" onClick={() => ledger.showAll(!sum.areAllShown)}>
                {sum.areAllShown ? strings.steps.collapseAll : strings.steps.expandAll}
              </button>
            </div>
          )}
          <LedgerContext value={ledger}>
            <StepChain ids={ids} />
          </LedgerContext>
        </div>
      </div>
    </section>
  );
}
