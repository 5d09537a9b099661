import { type OutboxEntry, useCommands } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import "../message/message.css";

/** What was sent and is not yet part of the thread, said as it is. */
export function Outbox({ entries }: { entries: readonly OutboxEntry[] }): JSX.Element {
  const { retry, discard } = useCommands();
  return (
    <>
      {entries.map((entry) => (
        <article key={entry.id} className={`turn outbox is-${entry.status}`}>
          <div className="user">
            <span className="unseen">{strings.message.you}</span>
            {entry.content !== "" && <div className="bubble">{entry.content}</div>}
            {entry.files?.map((file) => (
              <div key={file.id} className="bubble">
                {file.name}
              </div>
            ))}
            <div className="user-foot">
              {entry.status === "failed" ? (
                <>
                  <span className="outbox-failure">
                    <Glyph shape="warning" small />
                    {strings.outbox.failed}
                    {entry.failure ? `: ${entry.failure.text}` : ""}
                  </span>
                  <button type="button" className="link-button" onClick={() => retry(entry.id)}>
                    {strings.outbox.retry}
                  </button>
                  <button type="button" className="link-button" onClick={() => discard(entry.id)}>
                    {strings.outbox.discard}
                  </button>
                </>
              ) : (
                <span>
                  {entry.status === "sending"
                    ? strings.outbox.sending
                    : (entry.failure?.text ?? strings.outbox.waiting)}
                </span>
              )}
            </div>
          </div>
        </article>
      ))}
    </>
  );
}
