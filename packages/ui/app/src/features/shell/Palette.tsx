import { useAppInfo, useClient, useField, useOlder, useRuns, useTurns } from "@convo/react";
import {
  type JSX,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import { Glyph, type Shape } from "../../ui/Glyph";
import { useFindings } from "../history/find";
import { Marked } from "../history/Marked";
import { visit } from "../history/visit";
import { aloud } from "../markdown/aloud";
import { entriesOf, matching } from "./entries";
import { jumpTo } from "./jump";
import { Keys } from "./Keys";
import "../../ui/dialog.css";
import "../../ui/picker.css";
import "./shell.css";
import { surface } from "../../ui/surface";

interface PaletteProps {
  /** What was typed before it was there. It takes that once. */
  readonly typed: RefObject<string | undefined>;
  readonly onClose: () => void;
  readonly onNewChat: (profile?: string) => void;
}

interface Row {
  readonly id: string;
  readonly group: string;
  readonly shape: Shape;
  readonly name: ReactNode;
  readonly more?: ReactNode;
  readonly keys?: string | undefined;
  /** The palette stays, and shows what came of it. */
  readonly stays?: boolean;
  run(): void;
}

const MESSAGES = 12;
const CHATS = 8;
const words = strings.palette;

/** Everything that can be done, and every message of this thread, by a few letters. */
export function Palette({ typed, onClose, onNewChat }: PaletteProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const [query, setQuery] = useState("");
  const [wanted, setAt] = useState(0);
  const rows = useRows(query, onNewChat);
  const at = Math.min(wanted, rows.length - 1);

  useEffect(() => {
    const before = surface.root.activeElement;
    const element = dialog.current;
    element?.showModal();
    if (typed.current !== undefined) setQuery(typed.current);
    typed.current = undefined;
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [typed]);

  useEffect(() => {
    list.current?.querySelectorAll("[role=option]")[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const choose = (row: Row | undefined) => {
    if (!row) return;
    if (row.stays) {
      row.run();
      return;
    }
    onClose();
    // After the focus is back where it was: what runs may take it elsewhere.
    setTimeout(() => row.run());
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const last = rows.length - 1;
    if (event.key === "ArrowDown") setAt(at >= last ? 0 : at + 1);
    else if (event.key === "ArrowUp") setAt(at <= 0 ? last : at - 1);
    else if (event.key === "Enter") choose(rows[at]);
    else return;
    event.preventDefault();
  };

  const groups = [...new Set(rows.map((row) => row.group))];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it too, as `cancel`
    <dialog
      ref={dialog}
      className="dialog palette"
      aria-label={words.title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div className="palette-head">
        <Glyph shape="search" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={rows.length > 0 ? `${id}-${at}` : undefined}
          aria-autocomplete="list"
          aria-label={words.title}
          placeholder={words.placeholder}
          autoComplete="off"
          spellCheck={false}
          value={query}
          autoFocus
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <button
          type="button"
          className="icon-button"
          aria-label={strings.dialog.close}
          title={strings.dialog.close}
          onClick={onClose}
        >
          <Glyph shape="cross" />
        </button>
      </div>
      {rows.length === 0 && (
        <p className="palette-none" role="status">
          {words.none({ query })}
        </p>
      )}
      <div ref={list} id={id} className="palette-list" role="listbox" aria-label={words.title}>
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a listbox holds groups
          <div key={group} role="group" aria-label={group}>
            <div className="palette-group" aria-hidden="true">
              {group}
            </div>
            {rows.map(
              (row, index) =>
                row.group === group && (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and takes the keys
                  <div
                    key={row.id}
                    id={`${id}-${index}`}
                    className={index === at ? "choice is-at" : "choice"}
                    role="option"
                    tabIndex={-1}
                    aria-selected={index === at}
                    onPointerMove={() => setAt(index)}
                    onMouseDown={(event) => event.preventDefault()}
                    onClick={() => choose(row)}
                  >
                    <Glyph shape={row.shape} />
                    <span className="choice-words">
                      <span className="choice-name">{row.name}</span>
                      {row.more && <span className="choice-more">{row.more}</span>}
                    </span>
                    {row.keys && <Keys of={row.keys} areHint />}
                  </div>
                ),
            )}
          </div>
        ))}
      </div>
    </dialog>
  );
}

/** What `query` finds: commands that can be used at the moment, then messages. */
function useRows(query: string, onNewChat: PaletteProps["onNewChat"]): readonly Row[] {
  const client = useClient();
  const older = useOlder();
  const state = [useAppInfo(), useField("settings"), useField("profile"), useRuns(), useTurns()];
  const isAsked = useAppInfo()?.history != null && query.trim().length > 1;
  const { findings } = useFindings(isAsked ? query.trim() : "");
  return useMemo(() => {
    const commands = matching(entriesOf(client, onNewChat), query).map((entry) => ({
      ...entry,
      group: words.commands,
    }));
    const wanted = query.trim();
    if (wanted.length < 2) return commands;
    const messages = client.find(wanted, MESSAGES).map(({ step, isShown }) => ({
      id: step.id,
      group: words.messages,
      shape: step.type === "user_message" ? ("chat" as const) : ("comment" as const),
      name: around(step.output, wanted),
      ...(!isShown && { more: words.elsewhere }),
      run: () => void jumpTo(client, step.id, isShown),
    }));
    const chats = findings
      .filter(({ thread }) => thread.id !== client.threadId)
      .slice(0, CHATS)
      .map(({ thread, stepId, snippet, marks }) => {
        const text = <Marked key={thread.id} text={snippet} marks={marks} />;
        return {
          id: `chat ${thread.id}`,
          group: strings.chats.title,
          shape: "chat" as const,
          name: stepId === undefined ? text : (thread.name ?? strings.chats.unnamed),
          ...(stepId !== undefined && { more: text }),
          run: () => void visit(client, thread.id, stepId),
        };
      });
    return [...commands, ...messages, ...(older.more ? [olderRow(older)] : []), ...chats];
  }, [client, onNewChat, query, findings, older, ...state]);
}

/** Messages that are not loaded are not found; so it says, and how they are. */
function olderRow({ status, failure, loadAll }: ReturnType<typeof useOlder>): Row {
  const name = {
    idle: words.older,
    loading: strings.older.loading,
    failed: strings.older.failed({ reason: failure ? said(failure) : "" }),
  }[status];
  return { id: "older", group: words.messages, shape: "search", name, stays: true, run: () => void loadAll() };
}

/** The words around what was looked for. */
function around(output: string, wanted: string): string {
  const read = aloud(output);
  const isThere = read.toLowerCase().includes(wanted.toLowerCase());
  const plain = isThere ? read : output.replaceAll(/\s+/g, " ");
  const at = Math.max(0, plain.toLowerCase().indexOf(wanted.toLowerCase()));
  const start = Math.max(0, at - 30);
  return `${start > 0 ? "…" : ""}${plain.slice(start, at + wanted.length + 90)}${plain.length > at + wanted.length + 90 ? "…" : ""}`;
}
