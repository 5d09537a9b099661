import { type JSX, type ReactNode, useState } from "react";
import { formatBytes } from "../../language/format";
import { strings } from "../../strings";

/** Characters shown at first. */
const FIRST = 6000;
/** Characters the browser lays out at a time, when all is shown. */
const PIECE = 20_000;

interface BoundedProps {
  readonly text: string;
  /** More is to come: its end is shown, not its beginning. */
  readonly isOpen?: boolean;
  readonly children: (shown: string, isAll: boolean) => ReactNode;
}

/** The beginning of a long text, and a button for the rest. */
export function Bounded({ text, isOpen = false, children }: BoundedProps): JSX.Element {
  const [wantsAll, setWantsAll] = useState(false);
  // A little more than the first part is shown at once: nobody likes to ask for two lines.
  const isShort = text.length <= FIRST * 1.25;
  const isAll = isShort || wantsAll;
  return (
    <>
      {children(isAll ? text : isOpen ? tail(text) : head(text), isAll)}
      {!isShort && !isOpen && (
        <button
          type="button"
          className="link-button step-all"
          aria-expanded={wantsAll}
          onClick={() => setWantsAll(!wantsAll)}
        >
          {wantsAll ? strings.steps.showLess : strings.steps.showAll({ size: formatBytes(text.length) })}
        </button>
      )}
    </>
  );
}

interface LongTextProps {
  readonly text: string;
  readonly isOpen?: boolean;
  readonly isCode?: boolean;
}

/** Plain text of any length: what is not in sight costs no layout. */
export function LongText({ text, isOpen = false, isCode = false }: LongTextProps): JSX.Element {
  return (
    <Bounded text={text} isOpen={isOpen}>
      {(shown) => (
        <div className={isCode ? "step-text is-code" : "step-text"} tabIndex={shown.length > 400 ? 0 : undefined}>
          {shown.length <= PIECE
            ? shown
            : pieces(shown).map((piece, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a piece is known by its place
                <div key={index} className="step-piece">
                  {piece}
                </div>
              ))}
        </div>
      )}
    </Bounded>
  );
}

function head(text: string): string {
  const end = text.lastIndexOf("\n", FIRST);
  return `${text.slice(0, end > FIRST / 2 ? end : whole(text, FIRST))}\n…`;
}

function tail(text: string): string {
  const start = text.indexOf("\n", text.length - FIRST);
  return `…\n${text.slice(start >= 0 && start < text.length - FIRST / 2 ? start + 1 : whole(text, text.length - FIRST))}`;
}

/** `at`, or the place before it, so that no character is cut in two. */
function whole(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}

/** The text cut at line ends; in the middle of a line that is too long. */
export function pieces(text: string): string[] {
  const cut: string[] = [];
  for (let start = 0; start < text.length; ) {
    if (text.length - start <= PIECE) {
      cut.push(text.slice(start));
      break;
    }
    const line = text.lastIndexOf("\n", start + PIECE);
    const isLine = line > start;
    const end = isLine ? line : whole(text, start + PIECE);
    cut.push(text.slice(start, end));
    start = isLine ? end + 1 : end;
  }
  return cut;
}
