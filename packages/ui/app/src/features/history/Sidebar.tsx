import { useAppInfo } from "@convo/react";
import { type JSX, useId, useRef, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { useAppName } from "../app/name";
import { Mark } from "../header/Mark";
import { Keys } from "../shell/Keys";
import { SHORTCUTS } from "../shell/keys";
import { Findings } from "./Findings";
import type { HistoryPlaceProps } from "./HistoryPlace";
import { setHistoryOpen } from "./open";
import { ThreadList } from "./ThreadList";
import { Undo } from "./Undo";
import "./history.css";
import { surface } from "../../ui/surface";

interface SidebarProps extends HistoryPlaceProps {
  /** A thread was opened. */
  readonly onVisit?: () => void;
}

/** A person's threads: to begin one, to find one, to go back to one. */
export function Sidebar({ onNewChat, onLeave, onVisit }: SidebarProps): JSX.Element {
  const name = useAppName();
  const [query, setQuery] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const results = useId();
  const isTitles = useAppInfo()?.history?.searches === "titles";
  const isSearch = query.trim() !== "";
  return (
    <nav className="side-frame" aria-label={strings.chats.title}>
      <div className="side-head">
        <Mark />
        <span className="side-app">{name}</span>
        <button
          type="button"
          className="icon-button"
          aria-label={strings.chats.close}
          title={strings.chats.close}
          onClick={() => setHistoryOpen(false)}
        >
          <Glyph shape="menu" />
        </button>
      </div>
      <div className="side-tools">
        <button
          type="button"
          className="side-tool"
          aria-keyshortcuts="Control+Shift+O Meta+Shift+O"
          onClick={() => onNewChat()}
        >
          <Glyph shape="plus" small />
          <span>{strings.app.newChat}</span>
          <Keys of={SHORTCUTS.newChat} areHint />
        </button>
        <div className="side-tool is-field">
          <Glyph shape="search" small />
          <input
            ref={field}
            type="search"
            aria-label={isTitles ? strings.chats.searchTitles : strings.chats.search}
            aria-controls={results}
            placeholder={isTitles ? strings.chats.searchTitles : strings.chats.search}
            autoComplete="off"
            spellCheck={false}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            onKeyDown={(event) => {
              if (event.nativeEvent.isComposing) return;
              if (event.key === "Escape" && query !== "") setQuery("");
              else if (event.key === "ArrowDown" || event.key === "Enter") focusFirst(results, event.key === "Enter");
              else return;
              event.preventDefault();
              event.stopPropagation();
            }}
          />
          {query === "" ? (
            <Keys of={SHORTCUTS.palette} areHint />
          ) : (
            <button
              type="button"
              className="icon-button small"
              aria-label={strings.chats.clear}
              title={strings.chats.clear}
              onClick={() => {
                setQuery("");
                field.current?.focus();
              }}
            >
              <Glyph shape="cross" small />
            </button>
          )}
        </div>
      </div>
      <div id={results} className="side-body">
        {isSearch ? (
          <Findings query={query.trim()} onVisit={onVisit} />
        ) : (
          <ThreadList onLeave={onLeave} onVisit={onVisit} />
        )}
      </div>
      <Undo />
    </nav>
  );
}

/** Goes from the field to the first thread below it, or opens that. */
function focusFirst(id: string, opens: boolean): void {
  const first = surface.root.getElementById(id)?.querySelector<HTMLAnchorElement>("a.side-link");
  if (opens) first?.click();
  else first?.focus();
}
