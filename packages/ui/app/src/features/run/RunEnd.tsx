import type { RunError } from "@convo/client";
import { useIsViewer, useRequest } from "@convo/react";
import type { JSX } from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { ErrorCard } from "./ErrorCard";
import "./run.css";

interface RunEndProps {
  readonly status: string;
  readonly error: RunError | null | undefined;
  /** The message whose answer it was: it can be answered again. */
  readonly again?: string | undefined;
}

/** What to know about a run that did not end well; nothing for one that did. */
export function RunEnd({ status, error, again }: RunEndProps): JSX.Element | null {
  const request = useRequest();
  const isViewer = useIsViewer();
  if (status !== "failed" && status !== "stopped" && status !== "interrupted") return null;
  return (
    <div className="run-end">
      {status === "failed" ? (
        <ErrorCard title={strings.run.failed} text={error ? said(error) : ""} id={error?.id} />
      ) : (
        <p className={`run-mark is-${status}`}>
          <Glyph shape={status === "stopped" ? "stopped" : "warning"} small />
          {status === "stopped" ? strings.run.stopped : strings.run.interrupted}
        </p>
      )}
      {again !== undefined && !isViewer && (
        <button type="button" className="button" onClick={() => void request({ kind: "regenerate", messageId: again })}>
          <Glyph shape="again" small />
          {strings.run.again}
        </button>
      )}
    </div>
  );
}
