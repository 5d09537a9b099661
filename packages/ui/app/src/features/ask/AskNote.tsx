import { type Ask, type FileInfo, useAsk, useRequest } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { Countdown } from "./Countdown";
import { FileAnswer } from "./FileAnswer";
import { useWritten } from "./pending";
import "./ask.css";

/** Below a message that asks: how it is answered, or how it ended. */
export function AskNote({ stepId }: { stepId: string }): JSX.Element | null {
  const ask = useAsk(stepId);
  const written = useWritten();
  if (!ask) return null;
  if (ask.outcome !== undefined) return <Outcome ask={ask} />;
  if (ask.id === written?.id) return null; // the composer's bar says it
  return (
    <div className="ask">
      {ask.type === "file" && <FileAnswer ask={ask} />}
      <AskFoot ask={ask} />
    </div>
  );
}

/** What is left of the time, and the way out. */
export function AskFoot({ ask }: { ask: Ask }): JSX.Element {
  const request = useRequest();
  return (
    <p className="ask-foot">
      {strings.ask.pending[ask.type]}
      <button type="button" className="link-button" onClick={() => void request({ kind: "cancel-ask", askId: ask.id })}>
        {strings.ask.cancel}
      </button>
      <Countdown until={ask.expiresAt} />
    </p>
  );
}

function Outcome({ ask }: { ask: Ask }): JSX.Element | null {
  if (ask.outcome === "answered") {
    const said = answered(ask);
    return said === "" ? null : (
      <p className="ask-outcome">
        <Glyph shape="check" small />
        {said}
      </p>
    );
  }
  return (
    <p className="ask-outcome">
      <Glyph shape="stopped" small />
      {ask.outcome === "timed-out" ? strings.ask.timedOut : strings.ask.cancelled}
    </p>
  );
}

/** What was answered, where the conversation does not show it anyway. */
function answered(ask: Ask): string {
  if (ask.type === "action")
    return strings.ask.chosen({ label: String((ask.answer as { label?: string } | null)?.label ?? "") });
  if (ask.type === "file") return (ask.answer as FileInfo[]).map((file) => file.name).join(", ");
  return ask.type === "element" ? strings.ask.submitted : "";
}
