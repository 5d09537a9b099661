import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { openTrace } from "./open";

/** Opens the trace of a run. */
export function TraceButton({ runId }: { runId: string }): JSX.Element {
  return (
    <button
      type="button"
      className="icon-button small"
      aria-label={strings.trace.open}
      title={strings.trace.open}
      onClick={() => openTrace(runId)}
    >
      <Glyph shape="trace" />
    </button>
  );
}
