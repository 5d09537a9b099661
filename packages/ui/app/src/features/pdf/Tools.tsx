import { type JSX, useState } from "react";
import { formatPercent } from "../../language/format";
import { strings } from "../../strings";
import { Glyph, type Shape } from "../../ui/Glyph";
import type { Book, BookState } from "./book";

interface ToolsProps {
  readonly book: Book;
  readonly state: BookState;
  readonly isSearching: boolean;
  readonly onSearch: () => void;
}

/** Which page, how large, and the way to the search. */
export function Tools({ book, state, isSearching, onSearch }: ToolsProps): JSX.Element {
  return (
    <>
      <PageField key={state.page} book={book} state={state} />
      <div className="pdf-zoom">
        <Tool shape="minus" label={strings.viewers.pdf.reduce} onClick={() => book.reduce()} />
        <button
          type="button"
          className="pdf-fit"
          aria-label={`${strings.viewers.pdf.fit}, ${formatPercent(state.zoom)}`}
          title={strings.viewers.pdf.fit}
          aria-pressed={state.isFitted}
          onClick={() => book.fit()}
        >
          {formatPercent(state.zoom)}
        </button>
        <Tool shape="plus" label={strings.viewers.pdf.enlarge} onClick={() => book.enlarge()} />
      </div>
      <Tool shape="search" label={strings.viewers.pdf.search} isPressed={isSearching} onClick={onSearch} />
    </>
  );
}

function PageField({ book, state }: { readonly book: Book; readonly state: BookState }): JSX.Element {
  const [page, setPage] = useState(String(state.page));
  const go = () => {
    book.goTo(Number(page));
    setPage(String(book.state.page));
  };
  return (
    <form
      className="pdf-page"
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      <input
        inputMode="numeric"
        aria-label={strings.viewers.pdf.page}
        value={page}
        onChange={(event) => setPage(event.target.value.replace(/\D/g, ""))}
        onFocus={(event) => event.target.select()}
        onBlur={go}
      />
      <span>{strings.viewers.pdf.of({ pages: state.pages })}</span>
    </form>
  );
}

interface ToolProps {
  readonly shape: Shape;
  readonly label: string;
  readonly isPressed?: boolean;
  readonly onClick: () => void;
}

export function Tool({ shape, label, isPressed, onClick }: ToolProps): JSX.Element {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      aria-pressed={isPressed}
      onClick={onClick}
    >
      <Glyph shape={shape} />
    </button>
  );
}
