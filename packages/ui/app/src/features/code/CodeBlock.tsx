import { type JSX, useState } from "react";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { Glyph } from "../../ui/Glyph";
import { Colours } from "./Colours";
import "./code.css";

interface CodeBlockProps {
  readonly code: string;
  readonly language?: string | undefined;
  readonly isOpen?: boolean;
}

export function CodeBlock({ code, language, isOpen = false }: CodeBlockProps): JSX.Element {
  const [isWrapped, setIsWrapped] = useState(false);
  const name = language?.trim().split(/[\s{:,]/)[0] || undefined;
  const wrapLabel = isWrapped ? strings.code.noWrap : strings.code.wrap;
  return (
    <figure className="code" aria-label={strings.code.block(name ?? strings.code.plain)}>
      <figcaption>
        <span className="code-language">{name ?? strings.code.plain}</span>
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
        <CopyButton text={() => code} label={strings.code.copy} done={strings.code.copied} labelled />
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
