import { useStep } from "@convo/react";
import { type JSX, memo } from "react";
import { strings } from "../../strings";
import { Elements } from "../element/Elements";
import { Moment } from "./Moment";
import "./message.css";

export const UserMessage = memo(function UserMessage({ id }: { id: string }): JSX.Element | null {
  const step = useStep(id);
  if (!step) return null;
  return (
    <div className="user">
      <h2 className="unseen">{strings.message.you}</h2>
      <Elements stepId={id} />
      <div className="bubble">
        {step.command && <span className="command-mark">{step.command}</span>}
        {step.output}
      </div>
      <div className="user-foot">
        <Moment at={step.createdAt ?? step.start} />
      </div>
    </div>
  );
});
