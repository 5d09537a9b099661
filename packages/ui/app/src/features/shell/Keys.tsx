import type { JSX } from "react";
import { keysOf } from "./keys";
import "./shell.css";

/** Keys to press, drawn as keys. */
export function Keys({ of }: { of: string }): JSX.Element {
  return (
    <span className="keys-drawn">
      {keysOf(of).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
