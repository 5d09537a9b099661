import type { Ask } from "@convo/react";
import { useStepFact } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { aloud } from "../markdown/aloud";
import { AskFoot } from "./AskNote";
import "./ask.css";

/** Characters of a question that one line may have room for. */
const MOST = 400;

/** Above the composer, while what is written there answers a question. */
export function AskBar({ ask }: { ask: Ask }): JSX.Element {
  const question = useStepFact(ask.stepId, (step) => aloud((step?.output ?? "").slice(0, MOST)));
  return (
    <div className="ask-bar">
      <span className="ask-question">
        <b>{strings.ask.asks}</b> {question}
      </span>
      <AskFoot ask={ask} />
    </div>
  );
}
