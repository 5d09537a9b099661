import { type FormEvent, type JSX, useEffect, useId, useRef, useState, useSyncExternalStore } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { isOurs } from "../element/address";
import { DownloadTool } from "../element/DownloadTool";
import { Loading } from "../element/Pending";
import { useSeen } from "../element/seen";
import { Unshown } from "../element/Unshown";
import type { ViewerProps } from "../element/viewers";
import { Book, type BookState } from "./book";
import { SearchBar } from "./SearchBar";
import { Tools } from "./Tools";
import "./pdf.css";

/** A PDF to read: its pages, larger and smaller, searched, its text selected. */
export function PdfViewer({ element, url, place }: ViewerProps): JSX.Element {
  const [attempt, setAttempt] = useState(0);
  if (url === undefined) return <Unshown element={element} url={url} reason="empty" />;
  if (!isOurs(url)) return <Unshown element={element} url={url} reason="elsewhere" />;
  return (
    <Opened
      key={`${url} ${attempt}`}
      element={element}
      url={url}
      place={place}
      onRetry={() => setAttempt((count) => count + 1)}
    />
  );
}

interface OpenedProps extends ViewerProps {
  readonly url: string;
  readonly onRetry: () => void;
}

function Opened({ element, url, place, onRetry }: OpenedProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const isSeen = useSeen(frame);
  const [book, setBook] = useState<Book>();
  const [isSearching, setIsSearching] = useState(false);
  const first = Number(element.props?.page) || 1;
  useEffect(() => {
    if (!isSeen || frame.current === null) return;
    const opened = new Book(url, frame.current, first);
    setBook(opened);
    return () => opened.close();
  }, [url, first, isSeen]);
  const state = useSyncExternalStore(book?.subscribe ?? never, book?.snapshot ?? nothing);
  const name = element.name || strings.viewers.pdf.document;
  if (state?.status === "missing" || state?.status === "unreachable") {
    const canRetry = state.status === "unreachable";
    return <Unshown element={element} url={url} reason={state.status} {...(canRetry && { onRetry })} />;
  }
  // Elsewhere its name and the way to save it stand above.
  const isInline = place === "inline";
  const isOpen = book !== undefined && state?.status === "open";
  return (
    <figure
      className={`pdf is-${place} is-${element.size ?? "medium"}`}
      aria-label={name}
      onKeyDown={(event) => {
        if (!isOpen || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "f") return;
        event.preventDefault();
        setIsSearching(true);
      }}
    >
      <div className="pdf-tools">
        <span className="pdf-name">{isInline && name}</span>
        {isOpen && <Tools book={book} state={state} isSearching={isSearching} onSearch={() => setIsSearching(true)} />}
        {isInline && <DownloadTool element={element} />}
      </div>
      {isOpen && isSearching && <SearchBar book={book} state={state.search} onClose={() => setIsSearching(false)} />}
      <div className="pdf-room">
        {/* biome-ignore lint/a11y/useSemanticElements: pdf.js asks for a div */}
        <div
          ref={frame}
          className="pdf-frame"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
          tabIndex={0}
          role="region"
          aria-label={strings.viewers.pdf.pages({ name })}
        >
          <div className="pdfViewer" />
        </div>
        {!isOpen && (
          <div className="pdf-cover">
            {state?.status === "locked" && book !== undefined ? (
              <Locked book={book} isWrong={state.isWrongPassword} />
            ) : state?.status === "broken" ? (
              <Broken />
            ) : (
              <Loading />
            )}
          </div>
        )}
      </div>
    </figure>
  );
}

function Locked({ book, isWrong }: { readonly book: Book; readonly isWrong: boolean }): JSX.Element {
  const id = useId();
  const [password, setPassword] = useState("");
  const unlock = (event: FormEvent) => {
    event.preventDefault();
    book.unlock(password);
  };
  return (
    <form className="pdf-state" onSubmit={unlock}>
      <Glyph shape="key" />
      <strong>{strings.viewers.pdf.locked}</strong>
      <p id={`${id}-hint`} className={isWrong ? "is-wrong" : undefined} role={isWrong ? "alert" : undefined}>
        {isWrong ? strings.viewers.pdf.wrong : strings.viewers.pdf.lockedHint}
      </p>
      <div className="pdf-password">
        <input
          type="password"
          autoComplete="off"
          aria-label={strings.viewers.pdf.password}
          aria-describedby={`${id}-hint`}
          aria-invalid={isWrong}
          placeholder={strings.viewers.pdf.password}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <button type="submit" className="button main">
          {strings.viewers.pdf.unlock}
        </button>
      </div>
    </form>
  );
}

function Broken(): JSX.Element {
  return (
    <div className="pdf-state" role="status">
      <Glyph shape="warning" />
      <strong>{strings.viewers.pdf.broken}</strong>
      <p>{strings.viewers.pdf.brokenHint}</p>
    </div>
  );
}

const never = () => () => {};
const nothing = (): BookState | undefined => undefined;
