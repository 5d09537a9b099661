import { type JSX, useEffect, useRef } from "react";
import { strings } from "../../strings";
import type { Book, SearchState } from "./book";
import { Tool } from "./Tools";

interface SearchBarProps {
  readonly book: Book;
  readonly state: SearchState;
  readonly onClose: () => void;
}

/** Words to find in the document. Enter goes on, with Shift back, Escape ends. */
export function SearchBar({ book, state, onClose }: SearchBarProps): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    return () => book.find("");
  }, [book]);
  return (
    <search className="pdf-search">
      <input
        ref={field}
        type="search"
        aria-label={strings.viewers.pdf.words}
        placeholder={strings.viewers.pdf.words}
        onChange={(event) => book.find(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") book.findNext(event.shiftKey);
          else if (event.key === "Escape") onClose();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span className="pdf-found" role="status">
        {told(state)}
      </span>
      <Tool shape="arrowUp" label={strings.viewers.pdf.searchBefore} onClick={() => book.findNext(true)} />
      <Tool shape="arrowDown" label={strings.viewers.pdf.searchAfter} onClick={() => book.findNext()} />
      <Tool shape="cross" label={strings.viewers.pdf.searchEnd} onClick={onClose} />
    </search>
  );
}

function told({ status, current, total }: SearchState): string {
  if (status === "found") return strings.viewers.pdf.found({ current, total });
  if (status === "none") return "";
  return status === "running" ? strings.viewers.pdf.searching : strings.viewers.pdf.notFound;
}
