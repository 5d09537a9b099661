import type { Ask } from "@convo/react";
import { useStepFact } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { AskFoot } from "./AskNote";
import "./ask.css";

/** Above the composer, while what is written there answers a question. */
export function AskBar({ ask }: { ask: Ask }): JSX.Element {
  const question = useStepFact(ask.stepId, (step) => step?.output ?? "");
  return (
    <div className="ask-bar">
      <span className="ask-question">
        <b>{strings.ask.asks}</b> {question}
      </span>
      <AskFoot ask={ask} />
    </div>
  );
}
