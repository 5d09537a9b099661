import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { ErrorCard } from "./ErrorCard";
import "./run.css";

interface RunEndProps {
  readonly status: string;
  readonly error: { readonly id: string; readonly text: string } | null | undefined;
}

/** What to know about a run that did not end well; nothing for one that did. */
export function RunEnd({ status, error }: RunEndProps): JSX.Element | null {
  if (status === "failed") return <ErrorCard title={strings.run.failed} text={error?.text ?? ""} id={error?.id} />;
  if (status !== "stopped" && status !== "interrupted") return null;
  return (
    <p className={`run-mark is-${status}`}>
      <Glyph shape={status === "stopped" ? "stopped" : "warning"} small />
      {status === "stopped" ? strings.run.stopped : strings.run.interrupted}
    </p>
  );
}
