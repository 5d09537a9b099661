import type { ThreadInfo } from "@convo/react";
import { type JSX, useLayoutEffect, useRef } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { addressOf } from "../app/route";
import { isPlainClick } from "./press";

interface ThreadRowProps {
  readonly thread: ThreadInfo;
  /** In pixels, within the list. */
  readonly top: number;
  readonly height: number;
  readonly isCurrent: boolean;
  /** Whether it is the one that the Tab key reaches. */
  readonly isTabbed: boolean;
  readonly isRenaming: boolean;
  readonly isMenuOpen: boolean;
  readonly onFocus: () => void;
  readonly onOpen: () => void;
  readonly onMenu: (thread: ThreadInfo, anchor: HTMLElement) => void;
  /** With the name, or nothing when it stays. */
  readonly onRenamed: (name?: string) => void;
}

export function ThreadRow({
  thread,
  top,
  height,
  isCurrent,
  isTabbed,
  isRenaming,
  isMenuOpen,
  onFocus,
  onOpen,
  onMenu,
  onRenamed,
}: ThreadRowProps): JSX.Element {
  const name = thread.name ?? strings.chats.unnamed;
  const more = useRef<HTMLButtonElement>(null);
  const look = `side-row${isCurrent ? " is-current" : ""}${isMenuOpen ? " is-open" : ""}`;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the menu has a button of its own, and a key
    <div
      className={look}
      style={{ top, height }}
      data-thread={thread.id}
      onFocus={onFocus}
      onContextMenu={(event) => {
        if (isRenaming || !more.current) return;
        event.preventDefault();
        onMenu(thread, more.current);
      }}
    >
      {isRenaming ? (
        <NameField name={thread.name ?? ""} onDone={onRenamed} />
      ) : (
        <>
          <a
            className="side-link"
            href={addressOf(thread.id)}
            aria-current={isCurrent ? "page" : undefined}
            tabIndex={isTabbed ? 0 : -1}
            title={name}
            onClick={(event) => {
              if (!isPlainClick(event)) return;
              event.preventDefault();
              onOpen();
            }}
          >
            {thread.pinned && <Glyph shape="pin" small />}
            <span className="side-name">{name}</span>
            {thread.shared && (
              <>
                <Glyph shape="share" small />
                <span className="unseen">, {strings.chats.shared}</span>
              </>
            )}
            {thread.running && (
              <>
                <i className="side-running" />
                <span className="unseen">, {strings.chats.running}</span>
              </>
            )}
          </a>
          <button
            ref={more}
            type="button"
            className="icon-button small side-options"
            aria-label={strings.chats.options({ name })}
            aria-haspopup="menu"
            aria-expanded={isMenuOpen}
            tabIndex={isTabbed ? 0 : -1}
            onClick={(event) => onMenu(thread, event.currentTarget)}
          >
            <Glyph shape="dots" />
          </button>
        </>
      )}
    </div>
  );
}

const NAME_LENGTH = 200;

/** Enter and leaving the field take the name, Escape does not. */
function NameField({ name, onDone }: { name: string; onDone: (name?: string) => void }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const finish = (wanted: string) => {
    if (isDone.current) return;
    isDone.current = true;
    const trimmed = wanted.trim();
    if (trimmed === "" || trimmed === name) onDone();
    else onDone(trimmed);
  };
  return (
    <input
      ref={field}
      className="side-rename"
      aria-label={strings.chats.renameLabel}
      defaultValue={name}
      maxLength={NAME_LENGTH}
      autoComplete="off"
      onBlur={(event) => finish(event.target.value)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") finish(event.currentTarget.value);
        else if (event.key === "Escape") finish(name);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}
