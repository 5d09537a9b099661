import { type JSX, useId, useLayoutEffect, useRef, useState } from "react";
import { strings } from "../../strings";
import { CodeBlock } from "../code/CodeBlock";
import { Markdown } from "../markdown/Markdown";
import { readText, useContent } from "./content";
import { Pending } from "./Pending";
import type { ViewerProps } from "./viewers";
import "./text.css";

/** Beyond this many characters a text is shown as it is: to read it as Markdown would hold up the page. */
const MARKDOWN_MAX = 200_000;

/** A text of its own: Markdown, or code in its language. Below a message a long one is folded. */
export function TextViewer({ element, url, place }: ViewerProps): JSX.Element {
  const content = useContent(url, readText);
  if (content.status !== "ready") return <Pending element={element} url={url} content={content} />;
  const body = <Body text={content.value} language={element.language} />;
  if (place !== "inline") return body;
  return (
    <section className="text-card" aria-label={element.name || strings.element.text}>
      {element.name && <h3 className="text-name">{element.name}</h3>}
      <Foldable key={content.value.length}>{body}</Foldable>
    </section>
  );
}

function Body({ text, language }: { text: string; language: string | undefined }): JSX.Element {
  if (text === "") return <p className="text-none">{strings.element.emptyText}</p>;
  if (language !== undefined) return <CodeBlock code={text} language={language} />;
  if (text.length > MARKDOWN_MAX) return <pre className="text-plain">{text}</pre>;
  return <Markdown text={text} />;
}

/** Its content up to a height; all of it at a press. */
function Foldable({ children }: { children: JSX.Element }): JSX.Element {
  const [isLong, setIsLong] = useState(false);
  const [isShown, setIsShown] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const element = frame.current;
    if (element) setIsLong(element.scrollHeight > element.clientHeight + 24);
  }, []);
  const isFolded = !isShown;
  return (
    <>
      <div ref={frame} id={id} className={isFolded ? `text-fold${isLong ? " is-long" : ""}` : undefined}>
        {children}
      </div>
      {isLong && (
        <button
          type="button"
          className="link-button text-more"
          aria-expanded={isShown}
          aria-controls={id}
          onClick={() => setIsShown(!isShown)}
        >
          {isShown ? strings.element.less : strings.element.more}
        </button>
      )}
    </>
  );
}
