import { Fragment, type JSX, memo, type ReactNode, useEffect, useRef, useState } from "react";
import { part } from "../../ui/part";
import type { Shade } from "./highlight";

/** Longer code stays plain: colouring it would cost more than it gives. */
const LIMIT = 60_000;
/** Milliseconds between two colourings of code that is still being written, */
const PACE = 160;
/** and how many times as long as the last one took: all of it is coloured each time, however long it has become. */
const REST = 40;

const highlighter = part(() => import("./highlight"));

interface Coloured {
  readonly code: string;
  readonly shades: readonly Shade[];
}

interface ColoursProps {
  readonly code: string;
  readonly language: string | undefined;
  readonly isOpen: boolean;
}

/** Code with colours as soon as the highlighter is there; until then, and beyond what it has seen, plain. */
export function Colours({ code, language, isOpen }: ColoursProps): JSX.Element {
  const [coloured, setColoured] = useState<Coloured>();
  const next = useRef(0);
  useEffect(() => {
    if (language === undefined || code.length > LIMIT) return;
    let isCurrent = true;
    const wait = isOpen ? Math.max(0, next.current - performance.now()) : 0;
    const timer = setTimeout(() => {
      next.current = performance.now() + PACE;
      highlighter().then(
        ({ highlight }) => {
          const start = performance.now();
          const shades = highlight(code, language);
          const end = performance.now();
          next.current = end + Math.max(PACE, REST * (end - start));
          if (isCurrent && shades) setColoured({ code, shades });
        },
        // Without the highlighter code reads as plain text.
        () => undefined,
      );
    }, wait);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [code, language, isOpen]);
  if (!coloured || !code.startsWith(coloured.code)) return <>{code}</>;
  return (
    <>
      <Shades shades={coloured.shades} />
      {code.slice(coloured.code.length)}
    </>
  );
}

/** Apart from what is written after it, so that a word more does not draw all of it again. */
const Shades = memo(function Shades({ shades }: { shades: readonly Shade[] }): JSX.Element {
  return <>{shades.map(paint)}</>;
});

function paint(shade: Shade, index: number): ReactNode {
  if (typeof shade === "string") return <Fragment key={index}>{shade}</Fragment>;
  return (
    <span key={index} className={shade.kind}>
      {shade.parts.map(paint)}
    </span>
  );
}
