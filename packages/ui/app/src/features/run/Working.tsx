import type { JSX } from "react";
import { strings } from "../../strings";
import "./run.css";

/** The run goes on, but nothing of it shows yet. */
export function Working(): JSX.Element {
  return (
    <div className="working">
      <i />
      <i />
      <i />
      <span className="unseen">{strings.message.working}</span>
    </div>
  );
}
