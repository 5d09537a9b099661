import type { Fork } from "@convo/client";
import { useElements, useIsViewer, useStep } from "@convo/react";
import { type JSX, memo, Suspense, useRef, useState } from "react";
import { strings } from "../../strings";
import { later } from "../../ui/later";
import { Elements } from "../element/Elements";
import { anchorOf } from "../step/anchor";
import { UserTools } from "../turn/UserTools";
import "./message.css";

export const Editor = later(() => import("../turn/Editor").then((module) => module.Editor));

interface UserMessageProps {
  readonly id: string;
  readonly fork: Fork | undefined;
  /** It has been answered, so it can be said and answered anew. */
  readonly canEdit: boolean;
}

export const UserMessage = memo(function UserMessage({ id, fork, canEdit }: UserMessageProps): JSX.Element | null {
  const step = useStep(id);
  const hasFiles = useElements(id).length > 0;
  const isViewer = useIsViewer();
  const [isEdited, setIsEdited] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  if (!step) return null;
  const bubble = (step.output !== "" || step.command) && (
    <div className="bubble">
      {step.command && <span className="command-mark">{step.command}</span>}
      {step.output}
    </div>
  );
  return (
    <div id={anchorOf(id)} className="user" data-message={id}>
      <h2 className="unseen">{isViewer ? strings.message.someone : strings.message.you}</h2>
      <Elements stepId={id} areSent />
      {isEdited ? (
        <Suspense fallback={bubble}>
          <Editor
            messageId={id}
            text={step.output}
            mayBeEmpty={hasFiles}
            onClose={() => {
              setIsEdited(false);
              requestAnimationFrame(() => button.current?.focus());
            }}
          />
        </Suspense>
      ) : (
        <>
          {bubble}
          <UserTools step={step} fork={fork} canEdit={canEdit} editButton={button} onEdit={() => setIsEdited(true)} />
        </>
      )}
    </div>
  );
});
