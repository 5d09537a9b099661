import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import "./run.css";

/** Something failed: what, and an id to quote to whoever runs the app. */
export function ErrorCard({ title, text, id }: { title?: string; text: string; id?: string | undefined }): JSX.Element {
  return (
    <div className="error-card">
      <Glyph shape="warning" />
      <div>
        {title !== undefined && <b>{title}</b>}
        <p>{text === "" && title === undefined ? strings.message.error : text}</p>
        {id !== undefined && id !== "" && <code>{strings.run.quote(id)}</code>}
      </div>
    </div>
  );
}
