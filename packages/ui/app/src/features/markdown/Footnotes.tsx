import type { Tokens } from "marked";
import { type JSX, type MouseEvent, type ReactNode, useContext, useId } from "react";
import { strings } from "../../strings";
import { surface } from "../../ui/surface";
import { Blocks } from "./Block";
import { WithCard } from "./Card";
import { type Notes, NotesContext } from "./notes";

/** The mark in the text. It leads to its note, and shows it beside itself. */
export function NoteMark({ label, raw }: { label: string; raw: string }): ReactNode {
  const notes = useContext(NotesContext);
  const id = useId();
  const number = notes?.numbers.get(label);
  if (!notes || number === undefined) return raw;
  const note = notes.defined.get(label);
  if (!note) return <sup>{number}</sup>;
  const target = noteId(notes, number);
  return (
    <WithCard id={id} card={<Blocks tokens={note.tokens} isOpen={false} />}>
      <a
        href={`${surface.path}${location.search}#${target}`}
        data-note={target}
        aria-label={strings.footnote.label({ number })}
        onClick={(event) => follow(event, surface.root.getElementById(target), target)}
      >
        {number}
      </a>
    </WithCard>
  );
}

/** The notes, below the text. */
export function Footnotes({ notes, isOpen }: { notes: Notes; isOpen: boolean }): JSX.Element {
  const listed = [...notes.defined].sort(([a], [b]) => (notes.numbers.get(a) ?? 0) - (notes.numbers.get(b) ?? 0));
  return (
    <section className="footnotes" aria-label={strings.footnote.region}>
      <ol>
        {listed.map(([label, note], index) => (
          <Note
            key={label}
            id={noteId(notes, notes.numbers.get(label) ?? 0)}
            number={notes.numbers.get(label) ?? 0}
            note={note}
            isOpen={isOpen && index === listed.length - 1}
          />
        ))}
      </ol>
    </section>
  );
}

interface NoteProps {
  readonly id: string;
  readonly number: number;
  readonly note: Tokens.Generic;
  readonly isOpen: boolean;
}

function Note({ id, number, note, isOpen }: NoteProps): JSX.Element {
  const goBack = (event: MouseEvent) => {
    const root = event.currentTarget.closest(".markdown");
    const marks = root?.querySelectorAll<HTMLElement>(`[data-note="${CSS.escape(id)}"]`);
    const mark = [...(marks ?? [])].find((one) => one.dataset.came === "true") ?? marks?.[0];
    follow(event, mark ?? null, id);
  };
  return (
    <li id={id} value={number} tabIndex={-1}>
      <div>
        <Blocks tokens={note.tokens} isOpen={isOpen} />
      </div>
      <button type="button" className="note-back" aria-label={strings.footnote.back({ number })} onClick={goBack}>
        ↩
      </button>
    </li>
  );
}

/** Goes there without a change of address: the page's base is not its own address. */
function follow(event: MouseEvent, target: HTMLElement | null, note: string): void {
  if (!target || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  for (const mark of surface.root.querySelectorAll<HTMLElement>(`[data-note="${CSS.escape(note)}"]`))
    mark.dataset.came = String(mark === event.currentTarget);
  target.scrollIntoView({ block: "nearest" });
  target.focus({ preventScroll: true });
}

function noteId(notes: Notes, number: number): string {
  return `${notes.id}-note-${number}`;
}
