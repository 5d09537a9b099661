import type { JSX } from "react";
import { strings } from "../../strings.login";
import "./login.css";

/** The server did not say how to get in. */
export function Unreached({ text, onRetry }: { readonly text: string; readonly onRetry: () => void }): JSX.Element {
  return (
    <main className="sign-in">
      <div className="sign-in-card" role="alert">
        <p className="sign-in-hint">{text}</p>
        <button type="button" className="button main sign-in-go" onClick={onRetry}>
          {strings.retry}
        </button>
      </div>
    </main>
  );
}
