import { type JSX, useEffect, useRef, useState } from "react";
import { strings } from "../../strings";

interface CommentProps {
  readonly value: 0 | 1;
  readonly text: string;
  readonly onSend: (text: string) => Promise<void>;
  readonly onClose: () => void;
}

/** What a user has to say about an answer, below it. The thumb counts without it. */
export function Comment({ value, text: before, onSend, onClose }: CommentProps): JSX.Element {
  const [text, setText] = useState(before);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    area.current?.focus();
    area.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const question = strings.feedback.question[value];
  return (
    <form
      className="comment"
      aria-label={question}
      onSubmit={(event) => {
        event.preventDefault();
        void onSend(text.trim());
      }}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Escape") {
          event.preventDefault();
          event.stopPropagation();
          onClose();
        } else if (event.key === "Enter" && !event.shiftKey && event.target === area.current) {
          event.preventDefault();
          void onSend(text.trim());
        }
      }}
    >
      <textarea
        dir="auto"
        ref={area}
        rows={2}
        value={text}
        aria-label={question}
        placeholder={question}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="editor-bar">
        <button type="button" className="button" onClick={onClose}>
          {strings.feedback.skip}
        </button>
        <button type="submit" className="button main" disabled={text.trim() === before}>
          {strings.feedback.send}
        </button>
      </div>
    </form>
  );
}
