import { useRun, useTrace } from "@convo/react";
import { type JSX, useEffect, useState } from "react";
import { strings } from "../../strings";
import { Dialog } from "../../ui/Dialog";
import { Aside, useIsNarrow } from "../panel/Aside";
import { firstLook } from "./look";
import { closeTrace } from "./open";
import { TraceView } from "./TraceView";
import "./traced.css";

/** The trace of a run: beside the chat, or on a page above it where there is no room. */
export function TracePanel({ runId }: { runId: string }): JSX.Element | null {
  const trace = useTrace(runId);
  const run = useRun(runId);
  const isNarrow = useIsNarrow();
  const [look, setLook] = useState(() => firstLook(trace));
  const isGone = trace === undefined;
  useEffect(() => {
    if (isGone) closeTrace(); // another chat is open
  }, [isGone]);
  if (trace === undefined) return null;
  const view = <TraceView runId={runId} run={run} trace={trace} look={look} onLook={setLook} />;
  if (isNarrow) {
    return (
      <Dialog title={strings.trace.title} place="page" onClose={closeTrace}>
        {view}
      </Dialog>
    );
  }
  return (
    <Aside
      title={strings.trace.title}
      head={<h2>{strings.trace.title}</h2>}
      kind="trace"
      asked={runId}
      onClose={closeTrace}
    >
      {view}
    </Aside>
  );
}
