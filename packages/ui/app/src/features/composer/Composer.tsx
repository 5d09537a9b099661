import { type ConvoClient, RequestError } from "@convo/client";
import { useAppInfo, useClient, useCommands, useConnection, useHello, useRuns } from "@convo/react";
import {
  type ClipboardEvent,
  type JSX,
  type KeyboardEvent,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { AskBar } from "../ask/AskBar";
import { useGiven, useWritten } from "../ask/pending";
import { SilenceButton } from "../audio/SilenceButton";
import { useVoice } from "../audio/useVoice";
import { VoiceButton } from "../audio/VoiceButton";
import { VoiceLine } from "../audio/VoiceLine";
import { useCommandMenu } from "../command/CommandMenu";
import { useChosen } from "../command/choice";
import { Offers } from "../command/Offers";
import { McpButton } from "../mcp/McpButton";
import { SettingsButton } from "../settings/SettingsButton";
import { FavouritesButton } from "../turn/FavouritesButton";
import { AttachButton } from "../upload/AttachButton";
import { Attachments } from "../upload/Attachments";
import { DropTarget } from "../upload/DropTarget";
import { refuseDrops } from "../upload/dropped";
import type { Limits } from "../upload/limits";
import { type Uploads, useUploads } from "../upload/uploads";
import { readDraft, readSent, saveDraft, saveSent } from "./draft";
import { onFill } from "./fill";
import { takePrompt } from "./prompt";
import { Queue } from "./Queue";
import { stopAll } from "./stop";
import { setUnsent } from "./unsent";
import "./composer.css";

/** Where a message is written. `thread` names the draft: nothing for a new chat. */
export function Composer({ thread }: { thread: string | undefined }): JSX.Element {
  const { send } = useCommands();
  const { running } = useRuns();
  const { status } = useConnection();
  const client = useClient();
  const hello = useHello();
  const limit = hello?.limits.messageBytes;
  const uploads = useUploads(useUploadLimits());
  const ask = useWritten();
  const given = useGiven();
  const [text, setText] = useState(() => beginning(thread));
  const [problem, setProblem] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  const recalled = useRef<number>(undefined);
  const hint = useId();
  const voice = useVoice();
  const isRunning = running.length > 0;
  const isClosed = status === "refused" || status === "lost";
  const isTooLong = limit !== undefined && text.length * 3 > limit && new TextEncoder().encode(text).length > limit;
  const hasFiles = ask === undefined && uploads.done.length > 0;
  const held = ask === undefined ? heldBy(uploads) : undefined;
  const canSend = (text.trim() !== "" || hasFiles) && held === undefined && !isTooLong && !isClosed;

  const write = useCallback(
    (next: string) => {
      setText(next);
      saveDraft(thread, next);
    },
    [thread],
  );

  const { extras, taken } = useChosen();
  const commands = useCommandMenu({ text, write });
  useEffect(
    () =>
      onFill((filled) => {
        write(typeof filled === "string" ? filled : filled(area.current?.value ?? ""));
        area.current?.focus();
      }),
    [write],
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

  useEffect(refuseDrops, []);
  const here = hello?.thread;
  useEffect(() => {
    if (here !== undefined) uploads.turnTo(here);
  }, [uploads, here]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said of files is over when they change
  useEffect(() => setProblem(""), [uploads.items]);

  useEffect(() => {
    // On a phone the keyboard would cover the page.
    if (matchMedia("(pointer: fine)").matches) area.current?.focus();
  }, []);

  const submit = () => {
    if (held !== undefined) setProblem(held);
    if (!canSend) return;
    const content = text.trim();
    setProblem("");
    area.current?.focus();
    if (ask !== undefined) {
      void answer(ask.id, content);
      return;
    }
    send(content, { ...extras, ...(hasFiles && { files: uploads.done }) });
    uploads.taken();
    taken();
    if (content !== "") saveSent(content);
    recalled.current = undefined;
    write("");
  };

  /** A text that comes too late stays where it is. */
  const answer = async (askId: string, value: string) => {
    try {
      await client.request({ kind: "answer", askId, value });
      saveSent(value);
      write("");
    } catch (error) {
      setProblem(error instanceof RequestError ? said(error.failure) : strings.composer.removeFailed);
    }
  };

  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0 || uploads.limits.maxFiles === 0 || hasWords(event.clipboardData)) return;
    event.preventDefault();
    uploads.add(files);
  };

  const recall = (step: 1 | -1): boolean => {
    const sent = sentBefore(client);
    const at = (recalled.current ?? sent.length) + step;
    if (at < 0 || sent.length === 0) return false;
    recalled.current = at >= sent.length ? undefined : at;
    write(sent[at] ?? "");
    return true;
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // 229: Safari ends a composition before it tells of the Enter that ended it.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (commands.onKeyDown(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      submit();
      return;
    }
    const isRecalled = recalled.current !== undefined && sentBefore(client)[recalled.current] === text;
    if (event.key === "ArrowUp" && (text === "" || isRecalled) && recall(-1)) event.preventDefault();
    if (event.key === "ArrowDown" && isRecalled && recall(1)) event.preventDefault();
  };

  const takeBack = (content: string) => {
    if (text === "") write(content);
    area.current?.focus();
  };

  useEffect(() => {
    setUnsent({ text: text.trim() !== "", files: uploads.items.length > 0 });
    return () => setUnsent(undefined);
  }, [text, uploads.items]);

  const sendLabel = ask ? strings.ask.send : isRunning ? strings.composer.sendNext : strings.composer.send;
  const message =
    isTooLong && limit !== undefined ? strings.composer.tooLong({ limit: `${Math.floor(limit / 1024)} KiB` }) : problem;
  return (
    <div className="composer-place">
      {uploads.limits.maxFiles > 0 && !given && <DropTarget uploads={uploads} />}
      <Queue onTakenBack={takeBack} onProblem={setProblem} />
      {ask && <AskBar ask={ask} />}
      <form
        className="composer"
        aria-label={strings.composer.label}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Attachments uploads={uploads} />
        {commands.menu}
        <textarea
          {...commands.aria}
          ref={area}
          id="composer"
          dir="auto"
          rows={1}
          value={text}
          aria-label={strings.composer.label}
          aria-describedby={hint}
          placeholder={
            ask ? strings.ask.placeholder : isRunning ? strings.composer.placeholderNext : strings.composer.placeholder
          }
          enterKeyHint="send"
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <VoiceLine control={voice} />
        <div className="composer-bar">
          {uploads.limits.maxFiles > 0 && <AttachButton uploads={uploads} />}
          <div className="offers">
            <SettingsButton />
            <McpButton />
            <FavouritesButton
              onPick={(picked) => {
                write(text.trim() === "" ? picked : `${text}\n${picked}`);
                area.current?.focus();
              }}
            />
            <Offers
              onSlash={() => {
                write("/");
                area.current?.focus();
              }}
            />
          </div>
          <span id={hint} className="composer-hint">
            {strings.composer.hint}
          </span>
          <SilenceButton />
          <VoiceButton control={voice} />
          {isRunning && (
            <button
              type="button"
              className="round is-stop"
              aria-label={strings.composer.stop}
              title={strings.composer.stop}
              onClick={() => void stopAll(client)}
            >
              <span className="stop-sign" />
            </button>
          )}
          {(!isRunning || ask !== undefined || text.trim() !== "" || hasFiles) && (
            <button type="submit" className="round" disabled={!canSend} aria-label={sendLabel} title={sendLabel}>
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

/** What a link wants to be written here, else the draft. A draft that has to give way is recalled with ↑. */
function beginning(thread: string | undefined): string {
  const prompt = takePrompt();
  const draft = readDraft(thread);
  if (prompt === "") return draft;
  if (draft.trim() !== "") saveSent(draft);
  saveDraft(thread, prompt);
  return prompt;
}

/** Why a message cannot be sent yet: it would go without a file that its writer sees with it. */
function heldBy(uploads: Uploads): string | undefined {
  if (uploads.isSending) return strings.upload.wait;
  return uploads.missing && strings.upload.missing({ name: uploads.missing.name });
}

/** Cells of a spreadsheet and parts of a document come with a picture of themselves, which nobody means. */
function hasWords(data: DataTransfer): boolean {
  return data.types.includes("text/html") && data.getData("text/plain").trim() !== "";
}

/** What ↑ recalls, newest last: what was sent from this browser, then what the user said in this thread. */
function sentBefore(client: ConvoClient): readonly string[] {
  const here = client.turns.flatMap(({ user }) => (user === undefined ? [] : [client.step(user)?.output ?? ""]));
  const seen = new Set(here);
  return [...readSent().filter((text) => !seen.has(text)), ...here.filter((text) => text !== "")];
}

/** What files the app takes with a message; none while that is not known. */
function useUploadLimits(): Limits {
  const uploads = useAppInfo()?.uploads;
  return useMemo(
    () => ({
      accept: uploads?.accept ?? [],
      maxFiles: uploads === undefined || uploads.enabled === false ? 0 : (uploads.maxFiles ?? 20),
      maxBytes: uploads?.maxBytes ?? 0,
    }),
    [uploads],
  );
}
