import { type JSX, useEffect, useState } from "react";
import { copyText } from "./clipboard";
import { Glyph } from "./Glyph";

interface CopyButtonProps {
  readonly text: () => string | Promise<string>;
  /** The same for what takes more than text. */
  readonly html?: () => string;
  readonly label: string;
  readonly done: string;
  /** Shows the label beside the sign. */
  readonly labelled?: boolean;
}

export function CopyButton({ text, html, label, done, labelled = false }: CopyButtonProps): JSX.Element {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const shown = isCopied ? done : label;
  return (
    <button
      type="button"
      className={labelled ? "code-tool" : "icon-button small"}
      aria-label={labelled ? undefined : shown}
      title={labelled ? undefined : shown}
      onClick={() =>
        void Promise.resolve(text())
          .then((copied) => copyText(copied, html?.()))
          .then(setIsCopied)
      }
    >
      <Glyph shape={isCopied ? "check" : "copy"} small={labelled} />
      {labelled && shown}
    </button>
  );
}
