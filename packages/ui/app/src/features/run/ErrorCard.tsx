import type { JSX, ReactNode } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import "./run.css";

interface ErrorCardProps {
  readonly title?: string;
  readonly text: string;
  readonly id?: string | undefined;
  /** In place of the text, where it is laid out. */
  readonly children?: ReactNode;
}

/** Something failed: what, and an id to quote to whoever runs the app. */
export function ErrorCard({ title, text, id, children }: ErrorCardProps): JSX.Element {
  return (
    <div className="error-card">
      <Glyph shape="warning" />
      <div>
        {title !== undefined && <b>{title}</b>}
        {children || <p>{text === "" && title === undefined ? strings.message.error : text}</p>}
        {id !== undefined && id !== "" && <code>{strings.run.quote({ id })}</code>}
      </div>
    </div>
  );
}
