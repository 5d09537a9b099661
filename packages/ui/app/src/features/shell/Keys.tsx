import type { JSX } from "react";
import { keysOf } from "./keys";
import "./shell.css";

interface KeysProps {
  readonly of: string;
  /** They stand in something with a name of its own, of which they are no part. */
  readonly areHint?: boolean;
}

/** Keys to press, drawn as keys. */
export function Keys({ of, areHint = false }: KeysProps): JSX.Element {
  return (
    <span className="keys-drawn" aria-hidden={areHint}>
      {keysOf(of).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
