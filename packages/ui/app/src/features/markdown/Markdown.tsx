import type { Token } from "marked";
import { type JSX, memo, useId, useRef } from "react";
import { strings } from "../../strings";
import { Block } from "./Block";
import { Blocks } from "./blocks";
import { Footnotes } from "./Footnotes";
import { NoteIndex, NotesContext } from "./notes";
import "./markdown.css";

interface MarkdownProps {
  readonly text: string;
  /** More is to come: shows a caret after the last block and heals what is half written. */
  readonly isOpen?: boolean;
  /** Nothing more is to come, though the text was cut: heals its end. */
  readonly isPartial?: boolean;
}

/** Markdown as it streams. A finished block renders once and keeps its DOM nodes. */
export const Markdown = memo(function Markdown({
  text,
  isOpen = false,
  isPartial = false,
}: MarkdownProps): JSX.Element {
  const id = useId();
  const reader = useRef<{ blocks: Blocks; notes: NoteIndex }>(null);
  reader.current ??= { blocks: new Blocks(), notes: new NoteIndex(id) };
  const read = reader.current.blocks.update(text, isOpen || isPartial);
  const notes = reader.current.notes.update(read, isOpen);
  const tokens = notes ? read.filter((token) => token.type !== "footnote") : read;
  const isInNotes = tokens.length < read.length && read.at(-1)?.type === "footnote";
  const levels = headingLevels(tokens);
  return (
    <NotesContext value={notes}>
      <div className={isOpen ? "markdown is-open" : "markdown"}>
        {tokens.map((token, index) => (
          <Block
            // biome-ignore lint/suspicious/noArrayIndexKey: a block is known by its place; that is what keeps it mounted
            key={index}
            token={token}
            level={levels[index] ?? 3}
            isOpen={isOpen && !isInNotes && index === tokens.length - 1}
          />
        ))}
        {notes && notes.defined.size > 0 && <Footnotes notes={notes} isOpen={isOpen && isInNotes} />}
        {isOpen && read.length === 0 && <span className="caret" title={strings.message.working} />}
      </div>
    </NotesContext>
  );
});

/**
 * The level of each heading on the page, where h2 is the message itself: an answer's first heading is h3 however it
 * is written, and none skips a level. Depends only on what stands before, so a heading never changes its element.
 */
function headingLevels(tokens: readonly Token[]): readonly number[] {
  let first: number | undefined;
  let before = 2;
  return tokens.map((token) => {
    if (token.type !== "heading") return 3;
    const depth = Number(token.depth);
    first ??= depth;
    before = Math.max(3, Math.min(6, depth - first + 3, before + 1));
    return before;
  });
}
