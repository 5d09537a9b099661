import { compare, type Difference, matchesOf, pairsMatching, rowsOf, type TraceFilter } from "@convo/client";
import { type Trace, type TraceNode, type TracePair, useTrace } from "@convo/react";
import { type JSX, useMemo, useRef, useState } from "react";
import { formatList } from "../../language/format";
import { strings } from "../../strings";
import { StepContent } from "../step/StepContent";
import { StepSign } from "../step/StepRow";
import { formatCost, formatSpan, nameOf } from "./facts";
import { foldedWith, NOTHING } from "./look";
import { StepName } from "./StepName";
import { TraceGrid } from "./TraceGrid";

interface ComparisonProps {
  readonly trace: Trace;
  readonly otherId: string;
  readonly filter: TraceFilter;
}

const NO_TRACE: Trace = { roots: [], nodes: [], sums: { unpriced: 0 }, start: undefined, end: undefined, failures: [] };

/** Two runs side by side, the same steps in the same rows, what differs marked. */
export function Comparison({ trace, otherId, filter }: ComparisonProps): JSX.Element {
  const other = useTrace(otherId) ?? NO_TRACE;
  const [folded, setFolded] = useState(NOTHING);
  const pairs = useMemo(() => compare(trace, other), [trace, other]);
  const rows = useMemo(
    () => rowsOf(pairs, folded, pairsMatching(pairs, matchesOf(trace, filter), matchesOf(other, filter))),
    [pairs, folded, trace, other, filter],
  );
  const [chosen, setChosen] = useState(pairs[0]?.id);
  const details = useRef<HTMLElement>(null);
  const pair = rows.find(({ node }) => node.id === chosen)?.node;
  return (
    <>
      <TraceGrid
        label={strings.trace.compared}
        className="is-two"
        rows={rows}
        chosen={chosen}
        onChoose={setChosen}
        onFold={(id, isOpen) => setFolded((before) => foldedWith(before, id, isOpen))}
        onEnter={() => details.current?.focus()}
        columns={[
          { name: strings.trace.step, className: "is-name", cell: (each) => <PairName pair={each} /> },
          {
            name: strings.trace.thisRun,
            className: "is-one-run",
            cell: ({ one, differs }) => <Side node={one} differs={differs} />,
          },
          {
            name: strings.trace.otherRun,
            className: "is-other-run",
            cell: ({ other: theirs, differs }) => <Side node={theirs} differs={differs} />,
          },
        ]}
      />
      {pair && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
        <section ref={details} className="traced-details" aria-label={strings.trace.details} tabIndex={0}>
          <div className="traced-sides">
            <Content title={strings.trace.thisRun} node={pair.one} />
            <Content title={strings.trace.otherRun} node={pair.other} />
          </div>
        </section>
      )}
    </>
  );
}

function PairName({ pair }: { pair: TracePair }): JSX.Element | null {
  const { one, other, differs } = pair;
  const node = one ?? other;
  if (node === undefined) return null;
  return (
    <>
      <StepName node={node} />
      {(one === undefined || other === undefined) && (
        <span className="traced-note">{one === undefined ? strings.trace.onlyOther : strings.trace.onlyThis}</span>
      )}
      {differs.has("output") && (
        <span className="traced-note is-different" aria-hidden="true">
          {strings.steps.output}
        </span>
      )}
      {differs.size > 0 && (
        <span className="unseen">{strings.trace.differs({ what: formatList([...differs].map(differenceName)) })}</span>
      )}
    </>
  );
}

function Side({
  node,
  differs,
}: {
  node: TraceNode | undefined;
  differs: ReadonlySet<Difference>;
}): JSX.Element | null {
  if (node === undefined) return null;
  const { start, end, sums, status } = node;
  const mark = (what: Difference): string => (differs.has(what) ? "is-different" : "");
  return (
    <>
      <span className={mark("status")}>
        <StepSign status={status} />
      </span>
      <span className={mark("duration")}>{start !== undefined && end !== undefined && formatSpan(end - start)}</span>
      {sums.tokens !== undefined && (
        <span className={mark("tokens")}>{strings.steps.tokens({ count: sums.tokens })}</span>
      )}
      {sums.cost !== undefined && <span className={`traced-cost ${mark("cost")}`}>{formatCost(sums)}</span>}
    </>
  );
}

function Content({ title, node }: { title: string; node: TraceNode | undefined }): JSX.Element {
  return (
    <section className="traced-side">
      <h3>{title}</h3>
      {node === undefined ? (
        <p className="step-none">{strings.trace.missing}</p>
      ) : (
        <>
          <p className="traced-side-name">{nameOf(node)}</p>
          <StepContent step={node.step} />
        </>
      )}
    </section>
  );
}

function differenceName(what: Difference): string {
  const names: Record<Difference, string> = {
    status: strings.trace.status,
    duration: strings.generation.duration,
    tokens: strings.generation.tokensAll,
    cost: strings.generation.cost,
    output: strings.steps.output,
  };
  return names[what];
}
