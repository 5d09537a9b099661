import { type JSX, useState } from "react";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { saveFile } from "../../ui/download";
import { Glyph } from "../../ui/Glyph";
import { Colours } from "./Colours";
import { codeFile } from "./file";
import "./code.css";

interface CodeBlockProps {
  readonly code: string;
  /** What stands behind the fence: the language, and perhaps a name. */
  readonly language?: string | undefined;
  readonly isOpen?: boolean;
  /** What is copied and saved, where `code` is only its beginning. */
  readonly whole?: string;
}

export function CodeBlock({ code, language, isOpen = false, whole = code }: CodeBlockProps): JSX.Element {
  const [isWrapped, setIsWrapped] = useState(false);
  const { language: name, title, file } = codeFile(language, code);
  const wrapLabel = isWrapped ? strings.code.noWrap : strings.code.wrap;
  return (
    <figure className="code" aria-label={strings.code.block({ language: name ?? strings.code.plain })}>
      <figcaption>
        <span className="code-language">{title ?? name ?? strings.code.plain}</span>
        <button
          type="button"
          className="code-tool"
          aria-pressed={isWrapped}
          aria-label={wrapLabel}
          title={wrapLabel}
          onClick={() => setIsWrapped(!isWrapped)}
        >
          <Glyph shape="wrap" small />
        </button>
        <button
          type="button"
          className="code-tool"
          aria-label={strings.code.save({ file })}
          title={strings.code.save({ file })}
          onClick={() => saveFile(file, whole)}
        >
          <Glyph shape="download" small />
        </button>
        <CopyButton text={() => whole} label={strings.code.copy} done={strings.code.copied} labelled />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keyboard */}
      <pre className={isWrapped ? "is-wrapped" : undefined} tabIndex={0}>
        <code>
          <Colours code={code} language={name} isOpen={isOpen} />
        </code>
      </pre>
    </figure>
  );
}
