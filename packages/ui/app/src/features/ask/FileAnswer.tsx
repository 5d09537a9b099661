import { type Ask, useClient } from "@convo/react";
import { type JSX, useEffect, useId, useRef } from "react";
import { formatBytes, formatList } from "../../language/format";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { Attachments } from "../upload/Attachments";
import { DropTarget } from "../upload/DropTarget";
import { acceptOf, type Limits } from "../upload/limits";
import { useUploads } from "../upload/uploads";
import { useGiven } from "./pending";

/** Where files are given that an app asks for: chosen or dropped; they are the answer as soon as all are there. */
export function FileAnswer({ ask }: { ask: Ask }): JSX.Element {
  const client = useClient();
  const limits = ask.spec as unknown as Limits;
  const uploads = useUploads(limits, ask.id);
  const input = useRef<HTMLInputElement>(null);
  const hint = useId();
  const isGiven = useGiven()?.id === ask.id;
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
    <div className="ask-files">
      {isGiven && <DropTarget uploads={uploads} text={strings.ask.drop} />}
      <button type="button" className="button" aria-describedby={hint} onClick={() => input.current?.click()}>
        <Glyph shape="plus" small />
        {strings.ask.chooseFiles({ most: limits.maxFiles })}
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
        {limitsOf(limits)}
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

function limitsOf({ accept, maxFiles: files, maxBytes }: Limits): string {
  const size = formatBytes(maxBytes);
  const most = files > 1 ? strings.upload.upToEach({ files, size }) : strings.upload.upTo({ size });
  return [formatList(accept), most].filter((part) => part !== "").join(" · ");
}
