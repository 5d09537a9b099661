import type { JSX } from "react";
import { strings } from "../../strings";
import { surface } from "../../ui/surface";
import "./login.css";

/** The server did not say how to get in. */
export function Unreached({ text, onRetry }: { readonly text: string; readonly onRetry: () => void }): JSX.Element {
  const Main = surface.isPage ? "main" : "div"; // a page has one
  return (
    <Main className="sign-in">
      <div className="sign-in-card" role="alert">
        <p className="sign-in-hint">{text}</p>
        <button type="button" className="button main sign-in-go" onClick={onRetry}>
          {strings.signIn.retry}
        </button>
      </div>
    </Main>
  );
}
