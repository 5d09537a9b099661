import { type FileInfo, type OutboxEntry, useCommands } from "@convo/react";
import { type JSX, Suspense } from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { later } from "../../ui/later";
import type { ElementView } from "../element/viewers";
import "../message/message.css";

const ElementList = later(() => import("../element/ElementList").then((module) => module.ElementList));

/** What was sent and is not yet part of the thread, said as it is. */
export function Outbox({ entries }: { entries: readonly OutboxEntry[] }): JSX.Element {
  const { retry, discard } = useCommands();
  return (
    <>
      {entries.map((entry) => (
        <article key={entry.id} className={`turn outbox is-${entry.status}`}>
          <div className="user">
            <span className="unseen">{strings.message.you}</span>
            {entry.files && entry.files.length > 0 && (
              <div className="elements">
                <Suspense>
                  <ElementList elements={entry.files.map(asElement)} />
                </Suspense>
              </div>
            )}
            {entry.content !== "" && <div className="bubble">{entry.content}</div>}
            <div className="user-foot">
              {entry.status === "failed" ? (
                <>
                  <span className="outbox-failure">
                    <Glyph shape="warning" small />
                    {strings.outbox.failed}
                    {entry.failure ? `: ${said(entry.failure)}` : ""}
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
                    : entry.failure
                      ? said(entry.failure)
                      : strings.outbox.waiting}
                </span>
              )}
            </div>
          </div>
        </article>
      ))}
    </>
  );
}

/** A file as it will stand in the thread: what can be seen or heard at once, all else by its name. */
function asElement({ id, name, mime, bytes, url }: FileInfo): ElementView {
  const group = mime.split("/")[0] ?? "";
  return { id, type: ["image", "audio", "video"].includes(group) ? group : "file", name, mime, bytes, url };
}
