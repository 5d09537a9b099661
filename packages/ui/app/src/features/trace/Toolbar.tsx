import type { StepType } from "@convo/client";
import type { TraceStatus } from "@convo/react";
import { useClient, useWorkOfRuns } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { Glyph } from "../../ui/Glyph";
import { Picker } from "../../ui/Picker";
import { formatMoment } from "../message/clock";
import { glimpse } from "../step/glimpse";
import { typeName } from "./facts";
import type { Search } from "./look";

interface ToolbarProps {
  readonly runId: string;
  readonly search: Search;
  readonly types: readonly StepType[];
  /** How many steps the search has found; nothing while nothing is sought. */
  readonly shown: number | undefined;
  readonly count: number;
  readonly failures: number;
  /** Which of the failures is chosen, from 0; none by -1. */
  readonly failure: number;
  readonly areOpen: boolean;
  /** The run beside this one. */
  readonly other: string | undefined;
  readonly json: () => string;
  readonly onSearch: (search: Search) => void;
  readonly onFailure: () => void;
  readonly onFold: () => void;
  readonly onCompare: (runId: string | undefined) => void;
}

const ANY = "";
const STATUSES: readonly TraceStatus[] = ["running", "done", "failed", "stopped"];

/** What can be done with a trace. */
export function Toolbar(props: ToolbarProps): JSX.Element {
  const { search, types, shown, count, failures, failure, areOpen, other, json, onSearch } = props;
  return (
    <div className="traced-tools">
      <div className="traced-search">
        <Glyph shape="search" small />
        <input
          type="search"
          aria-label={strings.trace.search}
          placeholder={strings.trace.search}
          value={search.text}
          onChange={(event) => onSearch({ ...search, text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== "Escape" || search.text === "") return;
            event.preventDefault(); // what is sought goes first, then the trace
            onSearch({ ...search, text: "" });
          }}
        />
        <span role="status">{shown !== undefined && strings.trace.shown({ shown, count })}</span>
      </div>
      <div className="traced-choices">
        {types.length > 1 && (
          <Picker
            label={strings.trace.type}
            value={search.type ?? ANY}
            options={[{ id: ANY, name: strings.trace.anyType }, ...types.map((id) => ({ id, name: typeName(id) }))]}
            onPick={(id) => onSearch({ ...search, type: types.find((each) => each === id) })}
          />
        )}
        <Picker
          label={strings.trace.status}
          value={search.status ?? ANY}
          options={[
            { id: ANY, name: strings.trace.anyStatus },
            ...STATUSES.map((id) => ({ id, name: strings.steps.status[id] })),
          ]}
          onPick={(id) => onSearch({ ...search, status: STATUSES.find((each) => each === id) })}
        />
        <OtherRun runId={props.runId} other={other} onCompare={props.onCompare} />
        <span className="push" />
        {failures > 0 && other === undefined && (
          <button type="button" className="code-tool is-bad" onClick={props.onFailure}>
            <Glyph shape="warning" small />
            {failure < 0
              ? strings.trace.errors({ count: failures })
              : strings.trace.nextError({ at: failure + 1, count: failures })}
          </button>
        )}
        {other === undefined && (
          <button type="button" className="code-tool" onClick={props.onFold}>
            {areOpen ? strings.steps.collapseAll : strings.steps.expandAll}
          </button>
        )}
        <CopyButton text={json} label={strings.trace.copy} done={strings.code.copied} labelled />
      </div>
    </div>
  );
}

/** Chooses another run of the chat to stand beside this one. */
function OtherRun({
  runId,
  other,
  onCompare,
}: {
  runId: string;
  other: string | undefined;
  onCompare: (runId: string | undefined) => void;
}): JSX.Element | null {
  const client = useClient();
  const others = [...useWorkOfRuns().keys()].filter((id) => id !== runId).reverse();
  if (others.length === 0) return null;
  const options = others.map((id) => {
    const run = client.run(id);
    const asked = run?.trigger === undefined ? undefined : client.step(run.trigger)?.output;
    return { id, name: glimpse(asked ?? "") || run?.callback || id, description: formatMoment(run?.startedAt) };
  });
  return (
    <Picker
      label={strings.trace.compare}
      value={other}
      options={other === undefined ? options : [{ id: ANY, name: strings.trace.notCompared }, ...options]}
      onPick={(id) => onCompare(id === ANY ? undefined : id)}
    />
  );
}
