import { type JSX, memo, useRef } from "react";
import { strings } from "../../strings";
import { Block } from "./Block";
import { Blocks } from "./blocks";
import "./markdown.css";

interface MarkdownProps {
  readonly text: string;
  /** More is to come: shows a caret after the last block and heals what is half written. */
  readonly isOpen?: boolean;
}

/** Markdown as it streams. A finished block renders once and keeps its DOM nodes. */
export const Markdown = memo(function Markdown({ text, isOpen = false }: MarkdownProps): JSX.Element {
  const blocks = useRef<Blocks>(null);
  blocks.current ??= new Blocks();
  const tokens = blocks.current.update(text, isOpen);
  return (
    <div className={isOpen ? "markdown is-open" : "markdown"}>
      {tokens.map((token, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a block is known by its place; that is what keeps it mounted
        <Block key={index} token={token} isOpen={isOpen && index === tokens.length - 1} />
      ))}
      {isOpen && tokens.length === 0 && <span className="caret" title={strings.message.working} />}
    </div>
  );
});
