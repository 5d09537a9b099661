import { useCommands, useConnection, useHello, useRuns } from "@convo/react";
import { type JSX, type KeyboardEvent, useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { readDraft, readSent, saveDraft, saveSent } from "./draft";
import { Queue } from "./Queue";
import "./composer.css";

/** Where a message is written. `thread` names the draft: nothing for a new chat. */
export function Composer({ thread }: { thread: string | undefined }): JSX.Element {
  const { send, stop } = useCommands();
  const { running } = useRuns();
  const { status } = useConnection();
  const limit = useHello()?.limits.messageBytes;
  const [text, setText] = useState(() => readDraft(thread));
  const [problem, setProblem] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  const recalled = useRef<number>(undefined);
  const hint = useId();
  const isRunning = running.length > 0;
  const isClosed = status === "refused" || status === "lost";
  const isTooLong = limit !== undefined && text.length * 3 > limit && new TextEncoder().encode(text).length > limit;
  const canSend = text.trim() !== "" && !isTooLong && !isClosed;

  const write = useCallback(
    (next: string) => {
      setText(next);
      saveDraft(thread, next);
    },
    [thread],
  );

  const shown = useRef(thread);
  useEffect(() => {
    if (shown.current === thread) return;
    // A new chat that gets its name keeps what is being written; another thread brings its own draft.
    const isNamed = shown.current === undefined && thread !== undefined;
    shown.current = thread;
    setText((now) => {
      const draft = readDraft(thread);
      if (!isNamed || draft !== "") return draft;
      saveDraft(undefined, "");
      saveDraft(thread, now);
      return now;
    });
  }, [thread]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  useEffect(() => {
    // On a phone the keyboard would cover the page.
    if (matchMedia("(pointer: fine)").matches) area.current?.focus();
  }, []);

  const submit = () => {
    if (!canSend) return;
    const content = text.trim();
    send(content);
    saveSent(content);
    recalled.current = undefined;
    setProblem("");
    write("");
    area.current?.focus();
  };

  const recall = (step: 1 | -1): boolean => {
    const sent = readSent();
    const at = (recalled.current ?? sent.length) + step;
    if (at < 0 || sent.length === 0) return false;
    recalled.current = at >= sent.length ? undefined : at;
    write(sent[at] ?? "");
    return true;
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // 229: Safari ends a composition before it tells of the Enter that ended it.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      submit();
      return;
    }
    const isRecalled = recalled.current !== undefined && readSent()[recalled.current] === text;
    if (event.key === "ArrowUp" && (text === "" || isRecalled) && recall(-1)) event.preventDefault();
    if (event.key === "ArrowDown" && isRecalled && recall(1)) event.preventDefault();
  };

  const takeBack = (content: string) => {
    if (text === "") write(content);
    area.current?.focus();
  };

  const message =
    isTooLong && limit !== undefined ? strings.composer.tooLong(`${Math.floor(limit / 1024)} KiB`) : problem;
  return (
    <div className="composer-place">
      <Queue onTakenBack={takeBack} onProblem={setProblem} />
      <form
        className="composer"
        aria-label={strings.composer.label}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <textarea
          ref={area}
          id="composer"
          rows={1}
          value={text}
          aria-label={strings.composer.label}
          aria-describedby={hint}
          placeholder={isRunning ? strings.composer.placeholderNext : strings.composer.placeholder}
          enterKeyHint="send"
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <div className="composer-bar">
          <span id={hint} className="composer-hint">
            {strings.composer.hint}
          </span>
          {isRunning && (
            <button
              type="button"
              className="round is-stop"
              aria-label={strings.composer.stop}
              title={strings.composer.stop}
              onClick={() => void stop()}
            >
              <span className="stop-sign" />
            </button>
          )}
          {(!isRunning || text.trim() !== "") && (
            <button
              type="submit"
              className="round"
              disabled={!canSend}
              aria-label={isRunning ? strings.composer.sendNext : strings.composer.send}
              title={isRunning ? strings.composer.sendNext : strings.composer.send}
            >
              <Glyph shape="arrowUp" />
            </button>
          )}
        </div>
      </form>
      {message !== "" && (
        <p className="composer-problem" role="alert">
          {message}
        </p>
      )}
    </div>
  );
}
