import { type JSX, memo, useLayoutEffect, useRef, useState } from "react";
import { strings } from "../../strings";
import { part } from "../../ui/part";
import { inTurn } from "./turn";
import "./math.css";

interface FormulaProps {
  readonly tex: string;
  /** As it was written: what is shown when it cannot be set, and what is copied. */
  readonly raw: string;
  readonly isDisplay: boolean;
}

const typesetter = part(() => import("./typeset"));

/** A formula. Until the typesetter is there its place is kept; if it cannot be set, its source is shown. */
export const Formula = memo(function Formula({ tex, raw, isDisplay }: FormulaProps): JSX.Element {
  const place = useRef<HTMLSpanElement>(null);
  const [state, setState] = useState<"waiting" | "set" | "failed">("waiting");
  useLayoutEffect(() => {
    let isCurrent = true;
    typesetter()
      .then(({ typeset }) =>
        inTurn(() => {
          if (isCurrent && place.current) setState(typeset(tex, isDisplay, place.current) ? "set" : "failed");
        }),
      )
      .catch(() => isCurrent && setState("failed"));
    return () => {
      isCurrent = false;
    };
  }, [tex, isDisplay]);
  // A wide formula scrolls by itself, so it must be reachable by keyboard.
  const region =
    isDisplay && state === "set" ? { tabIndex: 0, role: "group", "aria-label": strings.formula.region } : {};
  return (
    <span className={isDisplay ? "formula is-display" : "formula"} data-source={raw.trim()}>
      <span ref={place} className="formula-set" {...region} />
      {state !== "set" && (
        <code className={state} title={state === "failed" ? strings.formula.failed : undefined}>
          {raw.trim()}
        </code>
      )}
    </span>
  );
});
