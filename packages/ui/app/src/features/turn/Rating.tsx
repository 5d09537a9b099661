import { type StepView, useRequest } from "@convo/react";
import { type JSX, Suspense, useRef, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { later } from "../../ui/later";
import { announce } from "../thread/announcement";

const Comment = later(() => import("./Comment").then((module) => module.Comment));

type Value = 0 | 1;

/** Two thumbs, and what the user has to say about the answer. */
export function Rating({ step }: { step: StepView }): JSX.Element {
  const request = useRequest();
  const [isOpen, setIsOpen] = useState(false);
  const opener = useRef<HTMLElement>(null);
  const feedback = step.feedback ?? undefined;

  const rate = async (value: Value, target: HTMLElement) => {
    opener.current = target;
    if (feedback?.value === value) {
      setIsOpen(false);
      if (await request({ kind: "feedback", stepId: step.id })) announce(strings.feedback.takenBack);
    } else if (await request({ kind: "feedback", stepId: step.id, value })) {
      setIsOpen(true);
      announce(strings.feedback.thanks);
    }
  };
  const close = () => {
    setIsOpen(false);
    opener.current?.focus();
  };
  const thumb = (value: Value) => (
    <button
      type="button"
      className="icon-button small is-thumb"
      aria-pressed={feedback?.value === value}
      aria-label={strings.feedback.thumb[value]}
      title={strings.feedback.thumb[value]}
      onClick={(event) => void rate(value, event.currentTarget)}
    >
      <Glyph shape={value === 1 ? "thumbUp" : "thumbDown"} />
    </button>
  );
  const label = feedback?.comment ? strings.feedback.change : strings.feedback.comment;
  return (
    <>
      {thumb(1)}
      {thumb(0)}
      {feedback && !isOpen && (
        <button
          type="button"
          className="icon-button small"
          aria-label={label}
          title={feedback.comment ?? label}
          onClick={(event) => {
            opener.current = event.currentTarget.previousElementSibling as HTMLElement;
            setIsOpen(true);
          }}
        >
          <Glyph shape={feedback.comment ? "comment" : "chat"} />
        </button>
      )}
      {isOpen && feedback && (
        <Suspense>
          <Comment
            value={feedback.value}
            text={feedback.comment ?? ""}
            onClose={close}
            onSend={async (comment) => {
              const sent = await request({ kind: "feedback", stepId: step.id, value: feedback.value, comment });
              if (sent) close();
            }}
          />
        </Suspense>
      )}
    </>
  );
}
