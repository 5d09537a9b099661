import type { JSX } from "react";
import "./marked.css";

interface MarkedProps {
  readonly text: string;
  /** Ranges in code points, in order. */
  readonly marks: readonly (readonly [number, number])[];
}

/** A text with what was looked for in it. */
export function Marked({ text, marks }: MarkedProps): JSX.Element {
  const points = Array.from(text);
  const parts: JSX.Element[] = [];
  let at = 0;
  for (const [start, end] of marks) {
    if (start < at || end <= start) continue;
    parts.push(<span key={`-${at}`}>{points.slice(at, start).join("")}</span>);
    parts.push(
      <mark key={start} className="marked">
        {points.slice(start, end).join("")}
      </mark>,
    );
    at = end;
  }
  parts.push(<span key={`-${at}`}>{points.slice(at).join("")}</span>);
  return <>{parts}</>;
}
