import { RequestError } from "@convo/client";
import { useClient } from "@convo/react";
import { type JSX, type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import "./turn.css";
import { surface } from "../../ui/surface";

interface EditorProps {
  readonly messageId: string;
  readonly text: string;
  /** A message with files may be without words. */
  readonly mayBeEmpty: boolean;
  readonly onClose: () => void;
}

/** A message of the user's in the place where it stands, to be said in other words. */
export function Editor({ messageId, text: before, mayBeEmpty, onClose }: EditorProps): JSX.Element {
  const client = useClient();
  const [text, setText] = useState(before);
  const [problem, setProblem] = useState("");
  const [isSending, setIsSending] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const command = useRef({ id: client.newId(), content: "" });
  const hint = useId();
  const canSend = (text.trim() !== "" || mayBeEmpty) && !isSending;

  useEffect(() => {
    area.current?.focus();
    area.current?.setSelectionRange(before.length, before.length);
  }, [before]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  const submit = async () => {
    if (!canSend) return;
    const content = text.trim();
    // The same words sent again after a lost answer are the same edit.
    if (command.current.content !== content) command.current = { id: client.newId(), content };
    setIsSending(true);
    setProblem("");
    try {
      await client.request({ kind: "edit", messageId, content }, command.current.id);
      onClose();
      if (matchMedia("(pointer: fine)").matches)
        surface.root.getElementById("composer")?.focus({ preventScroll: true });
    } catch (error) {
      setProblem(error instanceof RequestError ? said(error.failure) : strings.composer.removeFailed);
      setIsSending(false);
      area.current?.focus();
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    } else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      void submit();
    }
  };

  return (
    <form
      className="editor"
      aria-label={strings.edit.title}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <textarea
        dir="auto"
        ref={area}
        rows={1}
        value={text}
        aria-label={strings.edit.label}
        aria-describedby={hint}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {problem !== "" && (
        <p className="editor-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="editor-bar">
        <span id={hint} className="editor-hint">
          {strings.edit.hint}
        </span>
        <button type="button" className="button" onClick={onClose}>
          {strings.edit.cancel}
        </button>
        <button type="submit" className="button main" disabled={!canSend}>
          {strings.edit.send}
        </button>
      </div>
    </form>
  );
}
