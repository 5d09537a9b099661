import { Fragment, type JSX, type ReactNode, useEffect, useRef, useState } from "react";
import type { Shade } from "./highlight";

/** Longer code stays plain: colouring it would cost more than it gives. */
const LIMIT = 60_000;
/** Milliseconds between two colourings of code that is still being written. */
const PACE = 160;

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
  const last = useRef(0);
  useEffect(() => {
    if (language === undefined || code.length > LIMIT) return;
    let isCurrent = true;
    const wait = isOpen ? Math.max(0, last.current + PACE - performance.now()) : 0;
    const timer = setTimeout(() => {
      last.current = performance.now();
      import("./highlight").then(
        ({ highlight }) => {
          const shades = highlight(code, language);
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
      {coloured.shades.map(paint)}
      {code.slice(coloured.code.length)}
    </>
  );
}

function paint(shade: Shade, index: number): ReactNode {
  if (typeof shade === "string") return <Fragment key={index}>{shade}</Fragment>;
  return (
    <span key={index} className={shade.kind}>
      {shade.parts.map(paint)}
    </span>
  );
}
