import { useFileUrl } from "@convo/react";
import type { JSX } from "react";
import { formatBytes } from "../../language/format";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import type { Upload, Uploads } from "./uploads";
import "./upload.css";

/** The files of a message being written: how far each is, and what can be done about it. */
export function Attachments({ uploads }: { uploads: Uploads }): JSX.Element | null {
  if (uploads.items.length === 0) return null;
  return (
    <ul className="attachments" aria-label={strings.upload.list}>
      {uploads.items.map((upload) => (
        <Attachment key={upload.key} upload={upload} uploads={uploads} />
      ))}
    </ul>
  );
}

function Attachment({ upload, uploads }: { upload: Upload; uploads: Uploads }): JSX.Element {
  const { key, name, file, status, share, problem, canRetry } = upload;
  const bytes = upload.info?.bytes ?? file?.size;
  return (
    <li className={`attachment is-${status}`}>
      <Preview upload={upload} />
      <span className="attachment-text">
        <span className="attachment-name">{name}</span>
        {status === "failed" ? (
          <span className="attachment-problem" role="alert">
            {problem}
          </span>
        ) : (
          <span className="attachment-size">{bytes !== undefined && formatBytes(bytes)}</span>
        )}
        {status === "sending" && <progress value={share} max={1} aria-label={strings.upload.sending({ name })} />}
      </span>
      {canRetry && status === "failed" && (
        <button type="button" className="link-button" onClick={() => uploads.retry(key)}>
          {strings.outbox.retry}
        </button>
      )}
      <button
        type="button"
        className="icon-button small"
        aria-label={status === "sending" ? strings.upload.cancel({ name }) : strings.upload.remove({ name })}
        onClick={() => uploads.remove(key)}
      >
        <Glyph shape="cross" small />
      </button>
    </li>
  );
}

/** The picture; of one that was chosen before a reload, what the server has. */
function Preview({ upload: { preview, info, status } }: { upload: Upload }): JSX.Element {
  const kept = useFileUrl(info?.mime.startsWith("image/") ? info : {});
  const picture = preview ?? kept;
  return picture ? <img src={picture} alt="" /> : <Glyph shape={status === "failed" ? "warning" : "file"} small />;
}
