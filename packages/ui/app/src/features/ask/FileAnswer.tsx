import { type Ask, useClient } from "@convo/react";
import { type JSX, useEffect, useId, useRef, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { Attachments } from "../upload/Attachments";
import { acceptOf, type Limits } from "../upload/limits";
import { useUploads } from "../upload/uploads";

/** Where files are given that an app asks for: chosen or dropped; they are the answer as soon as all are there. */
export function FileAnswer({ ask }: { ask: Ask }): JSX.Element {
  const client = useClient();
  const limits = ask.spec as unknown as Limits;
  const uploads = useUploads(limits, ask.id);
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const hint = useId();
  const isComplete = uploads.done.length > 0 && uploads.done.length === uploads.items.length;

  const answer = async () => {
    try {
      await client.request({ kind: "answer", askId: ask.id, value: uploads.done.map((file) => file.id) });
    } catch (error) {
      client.showFailure(error);
    }
  };
  const isFull = isComplete && uploads.items.length >= limits.maxFiles;
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the last file has come, once
  useEffect(() => {
    if (isFull) void answer();
  }, [isFull]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way for what the button does
    <div
      className={isOver ? "ask-files is-over" : "ask-files"}
      onDragOver={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setIsOver(false);
        uploads.add([...event.dataTransfer.files]);
      }}
    >
      <button type="button" className="button" aria-describedby={hint} onClick={() => input.current?.click()}>
        <Glyph shape="plus" small />
        {strings.ask.chooseFiles(limits.maxFiles)}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        multiple={limits.maxFiles > 1}
        accept={acceptOf(limits)}
        onChange={(event) => {
          uploads.add([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      <span id={hint} className="ask-hint">
        {strings.upload.limits(limits.accept, limits.maxFiles, limits.maxBytes)}
      </span>
      <Attachments uploads={uploads} />
      {isComplete && !isFull && (
        <button type="button" className="button main" onClick={() => void answer()}>
          {strings.ask.give}
        </button>
      )}
    </div>
  );
}
