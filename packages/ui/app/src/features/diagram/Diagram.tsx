import { type JSX, useEffect, useRef, useState } from "react";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { saveFile } from "../../ui/download";
import { Glyph } from "../../ui/Glyph";
import { part } from "../../ui/part";
import { useTone } from "../theme/theme";
import "./diagram.css";

interface DiagramProps {
  readonly source: string;
  /** It is still being written: one sees its source, and it is drawn when it is whole. */
  readonly isOpen: boolean;
}

interface Drawn {
  readonly source: string;
  readonly svg: string;
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

const press = part(() => import("./press"));

/** A Mermaid diagram. It is an image, so nothing in it can act, and no style of it meets the page's. */
export function Diagram({ source, isOpen }: DiagramProps): JSX.Element {
  const tone = useTone();
  const [drawn, setDrawn] = useState<Drawn>();
  const [error, setError] = useState<string>();
  const [isSourceWanted, setIsSourceWanted] = useState(false);
  const last = useRef<string>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tone is another drawing
  useEffect(() => {
    if (isOpen || source.trim() === "") return;
    let isCurrent = true;
    press()
      .then(({ draw }) => draw(source))
      .then(
        ({ svg, width, height }) => {
          if (!isCurrent) return;
          if (last.current !== undefined) URL.revokeObjectURL(last.current);
          last.current = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
          setError(undefined);
          setDrawn({ source, svg, url: last.current, width, height });
        },
        (reason: unknown) => {
          if (!isCurrent) return;
          setDrawn(undefined);
          setError(reason instanceof Error ? reason.message : String(reason));
        },
      );
    return () => {
      isCurrent = false;
    };
  }, [source, isOpen, tone]);
  useEffect(() => () => (last.current === undefined ? undefined : URL.revokeObjectURL(last.current)), []);
  const image = drawn !== undefined && !isOpen && drawn.source === source ? drawn : undefined;
  const isSource = image === undefined || isSourceWanted;
  const label = isSourceWanted ? strings.diagram.showDiagram : strings.diagram.showSource;
  return (
    <figure className="code diagram" aria-label={strings.diagram.block}>
      <figcaption>
        <span className="code-language">
          {!isOpen && !image && error === undefined && source.trim() !== "" ? strings.diagram.drawing : "mermaid"}
        </span>
        {image && (
          <>
            <button
              type="button"
              className="code-tool"
              aria-pressed={isSourceWanted}
              aria-label={label}
              title={label}
              onClick={() => setIsSourceWanted(!isSourceWanted)}
            >
              <Glyph shape={isSourceWanted ? "eye" : "source"} small />
            </button>
            <button
              type="button"
              className="code-tool"
              aria-label={strings.diagram.save}
              title={strings.diagram.save}
              onClick={() => saveFile("diagram.svg", image.svg, "image/svg+xml")}
            >
              <Glyph shape="download" small />
            </button>
          </>
        )}
        <CopyButton text={() => source} label={strings.code.copy} done={strings.code.copied} labelled />
      </figcaption>
      {error !== undefined && !image && !isOpen && (
        <p className="diagram-error" role="note" title={error}>
          <Glyph shape="warning" small />
          <span>
            {strings.diagram.failed} <small>{error}</small>
          </span>
        </p>
      )}
      {image && !isSourceWanted && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex lint/a11y/useSemanticElements: a wide diagram scrolls, also by keyboard
        <div className="diagram-view" role="group" aria-label={strings.diagram.block} tabIndex={0}>
          <img
            src={image.url}
            width={image.width}
            height={image.height}
            alt={strings.diagram.alt({ kind: kindOf(source), source: wordsOf(source) })}
          />
        </div>
      )}
      {isSource && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keyboard
        <pre tabIndex={0}>
          <code>{source}</code>
        </pre>
      )}
    </figure>
  );
}

function kindOf(source: string): string {
  return /^\s*(?:%%[^\n]*\n\s*)*([A-Za-z]{2,30})/.exec(source.slice(0, 2_000))?.[1] ?? strings.diagram.block;
}

/** The source as one line: it says what is connected with what, which is what one would tell who cannot see it. */
function wordsOf(source: string): string {
  const line = source.replace(/\s+/g, " ").trim();
  return line.length > 400 ? `${line.slice(0, 399)}…` : line;
}
