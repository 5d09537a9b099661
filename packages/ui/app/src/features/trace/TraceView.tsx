import { matchesOf, nodeJson, rowsOf, type TraceFilter, traceJson } from "@convo/client";
import type { RunInfo, Trace, TraceNode } from "@convo/react";
import { type JSX, useDeferredValue, useMemo, useRef } from "react";
import { strings } from "../../strings";
import { useNow } from "../step/duration";
import { axisOf } from "./axis";
import { Comparison } from "./Comparison";
import { formatCost, formatSpan, formatTokens } from "./facts";
import { EVERYTHING, foldedWith, type Look, NOTHING, type Search } from "./look";
import { StepDetails } from "./StepDetails";
import { StepName } from "./StepName";
import { Summary } from "./Summary";
import { Bar, Ticks } from "./Timeline";
import { Toolbar } from "./Toolbar";
import { TraceGrid } from "./TraceGrid";

interface TraceViewProps {
  readonly runId: string;
  readonly run: RunInfo | undefined;
  readonly trace: Trace;
  readonly look: Look;
  readonly onLook: (change: (before: Look) => Look) => void;
}

/** The tree of a run's steps on one axis of time, and what is known of the one that is chosen. */
export function TraceView({ runId, run, trace, look, onLook }: TraceViewProps): JSX.Element {
  const { search, folded, chosen, other } = look;
  const details = useRef<HTMLElement>(null);
  const now = useNow(trace.end === undefined);
  const axis = axisOf(trace.start, trace.end, Math.max(now, trace.start ?? now));
  const wanted = useDeferredValue(search);
  const matches = useMemo(() => matchesOf(trace, filterOf(wanted)), [trace, wanted]);
  const rows = useMemo(() => rowsOf(trace.roots, folded, matches), [trace, folded, matches]);
  const types = useMemo(() => [...new Set(trace.nodes.map(({ step }) => step.type))].sort(), [trace]);
  const node = trace.nodes.find(({ id }) => id === chosen);

  const set = (change: Partial<Look>): void => onLook((before) => ({ ...before, ...change }));
  const goTo = (target: TraceNode | undefined): void => {
    if (target === undefined) return;
    const open = new Set(folded); // what it is in has to be open
    for (let at = target.parent; at !== undefined; at = at.parent) open.delete(at.id);
    set({ search: EVERYTHING, folded: open, chosen: target.id });
  };
  const failure = trace.failures.findIndex(({ id }) => id === chosen);
  const areOpen = trace.nodes.every(({ id, children }) => children.length === 0 || !folded.has(id));

  return (
    <div className="tracing">
      <Summary trace={trace} run={run} now={now} />
      <Toolbar
        runId={runId}
        search={search}
        types={types}
        shown={matches?.size}
        count={trace.nodes.length}
        failures={trace.failures.length}
        failure={failure}
        areOpen={areOpen}
        other={other}
        json={() => JSON.stringify(traceJson(trace, run), null, 2)}
        onSearch={(next) => set({ search: next })}
        onFailure={() => goTo(trace.failures[(failure + 1) % trace.failures.length])}
        onFold={() => set({ folded: areOpen ? new Set(trace.nodes.map(({ id }) => id)) : NOTHING })}
        onCompare={(runId) => set({ other: runId })}
      />
      {other !== undefined ? (
        <Comparison key={other} trace={trace} otherId={other} filter={filterOf(wanted)} />
      ) : rows.length === 0 ? (
        <p className="traced-none">{matches === undefined ? strings.trace.empty : strings.trace.noMatches}</p>
      ) : (
        <TraceGrid
          label={strings.trace.steps}
          className="is-one"
          rows={rows}
          chosen={chosen}
          onChoose={(id) => set({ chosen: id })}
          onFold={(id, isOpen) => onLook((before) => ({ ...before, folded: foldedWith(before.folded, id, isOpen) }))}
          onEnter={() => details.current?.focus()}
          columns={[
            {
              name: strings.trace.step,
              className: "is-name",
              cell: (each) => <StepName node={each} />,
            },
            {
              name: strings.trace.timeline,
              className: "is-time",
              head: <Ticks axis={axis} />,
              cell: (each) => <Bar node={each} axis={axis} />,
            },
            {
              name: strings.generation.duration,
              className: "is-duration",
              cell: ({ start, end }) => (start === undefined ? "" : formatSpan(Math.max(0, (end ?? now) - start))),
            },
            { name: strings.generation.tokensAll, className: "is-tokens", cell: ({ sums }) => formatTokens(sums) },
            { name: strings.generation.cost, className: "is-cost", cell: ({ sums }) => formatCost(sums) },
          ]}
        />
      )}
      {other === undefined && node !== undefined && (
        <StepDetails
          key={node.id}
          ref={details}
          node={node}
          json={() => JSON.stringify(nodeJson(node), null, 2)}
          now={now}
        />
      )}
    </div>
  );
}

function filterOf({ text, type, status }: Search): TraceFilter {
  return { text, ...(type !== undefined && { type }), ...(status !== undefined && { status }) };
}
