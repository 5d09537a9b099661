import type { ThreadInfo } from "@convo/react";
import { useAppInfo, useClient, useConnection } from "@convo/react";
import {
  type JSX,
  type KeyboardEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "react";
import { strings } from "../../strings";
import { Menu } from "../../ui/Menu";
import { surface } from "../../ui/surface";
import { usePath } from "../app/path";
import { threadOf } from "../app/route";
import { shareThread } from "../share/place";
import { FORMATS, saveThread } from "./exports";
import { grouped, untilMidnight } from "./groups";
import { useHistory } from "./history";
import { between, type Line, laidOut, type Sizes } from "./layout";
import { ThreadRow } from "./ThreadRow";
import { visit } from "./visit";

interface ThreadListProps {
  readonly onLeave: () => void;
  readonly onVisit: (() => void) | undefined;
}

interface OpenMenu {
  readonly thread: ThreadInfo;
  readonly anchor: HTMLElement;
  /** It asks for the format of an export. */
  readonly isExport?: boolean;
}

/** Pixels drawn beyond what is in sight, and from the end on which more is loaded. */
const MARGIN = 300;
const NEAR_END = 900;
const COARSE = globalThis.matchMedia?.("(max-width: 760px), (pointer: coarse)");

/** All threads by their date, of which only those in sight are drawn. One of them takes the focus; arrows move it. */
export function ThreadList({ onLeave, onVisit }: ThreadListProps): JSX.Element {
  const client = useClient();
  const { history, view } = useHistory();
  const { status: connection } = useConnection();
  const canShare = useAppInfo()?.sharing === true;
  const current = threadOf(usePath());
  const [frame, setFrame] = useState<HTMLDivElement | null>(null);
  const { top, height, onScroll } = useWindow(frame);
  const now = useToday();
  const groups = useMemo(() => grouped(view.pinned, view.threads, now), [view, now]);
  const sizes = useSizes();
  const layout = useMemo(() => laidOut(groups, sizes), [groups, sizes]);
  const rows = useMemo(() => layout.lines.filter(({ thread }) => thread !== undefined), [layout]);
  const [chosen, setChosen] = useState<string>();
  const [renaming, setRenaming] = useState<string>();
  const [menu, setMenu] = useState<OpenMenu>();
  const wantsFocus = useRef(false);
  const tabbed = rows.find(({ key }) => key === chosen) ?? rows.find(({ key }) => key === current) ?? rows[0];

  const isNearEnd = top + height > layout.height - NEAR_END;
  useEffect(() => {
    if (view.more === "idle" && isNearEnd && height > 0) void history.loadMore();
  }, [history, view.more, isNearEnd, height]);

  useLayoutEffect(() => {
    if (!wantsFocus.current || chosen === undefined || renaming !== undefined) return;
    wantsFocus.current = false;
    frame?.querySelector<HTMLElement>(`[data-thread="${CSS.escape(chosen)}"] a`)?.focus();
  });

  const focusOn = (line: Line | undefined) => {
    if (!line || !frame) return;
    if (line.top < frame.scrollTop + sizes.name) frame.scrollTop = Math.max(0, line.top - sizes.name);
    else if (line.top + line.height > frame.scrollTop + frame.clientHeight) {
      frame.scrollTop = line.top + line.height - frame.clientHeight;
    }
    wantsFocus.current = true;
    setChosen(line.key);
  };

  const remove = async (thread: ThreadInfo) => {
    const at = rows.findIndex(({ key }) => key === thread.id);
    focusOn(rows[at + 1] ?? rows[at - 1]);
    if (thread.id === current) onLeave();
    try {
      await history.remove(thread.id);
    } catch (error) {
      client.showFailure(error);
    }
  };

  const change = async (thread: ThreadInfo, changes: { name?: string; pinned?: boolean }) => {
    try {
      await history.change(thread.id, changes);
    } catch (error) {
      client.showFailure(error);
    }
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const { target } = event;
    if (renaming !== undefined || !(target instanceof HTMLElement)) return;
    const at = rows.findIndex(({ key }) => key === target.closest<HTMLElement>("[data-thread]")?.dataset.thread);
    const row = rows[at];
    if (!row?.thread || event.ctrlKey || event.metaKey || event.altKey) return;
    const { thread } = row;
    if (event.key === "ArrowDown") focusOn(rows[at + 1]);
    else if (event.key === "ArrowUp") focusOn(rows[at - 1]);
    else if (event.key === "Home") focusOn(rows[0]);
    else if (event.key === "End") focusOn(rows.at(-1));
    else if (event.key === "F2") setRenaming(thread.id);
    else if (event.key === "Delete") void remove(thread);
    else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))
      setMenu({ thread, anchor: target });
    else return;
    event.preventDefault();
  };

  const drawn = between(layout.lines, top - MARGIN, top + height + MARGIN);
  const lines = tabbed && !drawn.includes(tabbed) ? [...drawn, tabbed] : drawn;

  if (view.status !== "ready") {
    return view.status === "loading" ? (
      <Loading />
    ) : (
      <Failed isOffline={connection !== "online"} onRetry={() => void history.reload()} />
    );
  }
  if (rows.length === 0) {
    return (
      <p className="side-say">
        {strings.chats.empty}
        <span>{strings.chats.emptyHint}</span>
      </p>
    );
  }
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrows go from thread to thread */}
      <div ref={setFrame} className="side-scroll" onScroll={onScroll} onKeyDown={onKeyDown}>
        <div className="side-threads" style={{ height: layout.height }}>
          {lines.map((line) =>
            line.thread === undefined ? (
              <h2 key={line.key} className="side-group" style={{ top: line.top, height: line.height }}>
                {line.name}
              </h2>
            ) : (
              <ThreadRow
                key={line.key}
                thread={line.thread}
                top={line.top}
                height={line.height}
                isCurrent={line.key === current}
                isTabbed={line === tabbed}
                isRenaming={line.key === renaming}
                isMenuOpen={line.key === menu?.thread.id}
                onFocus={() => setChosen(line.key)}
                onOpen={() => {
                  onVisit?.();
                  void visit(client, line.key);
                }}
                onMenu={(thread, anchor) => setMenu({ thread, anchor })}
                onRenamed={(name) => {
                  setRenaming(undefined);
                  wantsFocus.current = true;
                  setChosen(line.key);
                  if (name !== undefined && line.thread) void change(line.thread, { name });
                }}
              />
            ),
          )}
        </div>
        {view.more === "loading" && (
          <p className="side-more" role="status">
            <span className="spin" />
            <span className="unseen">{strings.chats.loading}</span>
          </p>
        )}
        {view.more === "failed" && (
          <p className="side-say" role="alert">
            {strings.chats.moreFailed}{" "}
            <button type="button" className="link-button" onClick={() => void history.loadMore()}>
              {strings.chats.retry}
            </button>
          </p>
        )}
      </div>
      {menu && !menu.isExport && (
        <Menu
          label={strings.chats.options({ name: menu.thread.name ?? strings.chats.unnamed })}
          anchor={menu.anchor}
          onClose={() => setMenu(undefined)}
          items={[
            { id: "rename", name: strings.chats.rename, shape: "pencil", run: () => setRenaming(menu.thread.id) },
            {
              id: "pin",
              name: menu.thread.pinned ? strings.chats.unpin : strings.chats.pin,
              shape: "pin",
              run: () => void change(menu.thread, { pinned: !menu.thread.pinned }),
            },
            ...(canShare
              ? [
                  {
                    id: "share",
                    name: strings.chats.share,
                    shape: "share" as const,
                    run: () => shareThread(menu.thread.id),
                  },
                ]
              : []),
            {
              id: "export",
              name: strings.chats.exportAs,
              shape: "download",
              run: () => setMenu({ ...menu, isExport: true }),
            },
            {
              id: "delete",
              name: strings.chats.delete,
              shape: "trash",
              isBad: true,
              run: () => void remove(menu.thread),
            },
          ]}
        />
      )}
      {menu?.isExport && (
        <Menu
          label={strings.chats.exportLabel({ name: menu.thread.name ?? strings.chats.unnamed })}
          anchor={menu.anchor}
          onClose={() => setMenu(undefined)}
          items={FORMATS.map((format) => ({
            id: format,
            name: strings.exports.format[format],
            shape: "download",
            run: () => void saveThread(client, menu.thread.id, format),
          }))}
        />
      )}
    </>
  );
}

function Loading(): JSX.Element {
  return (
    <div className="side-loading" role="status">
      <span className="unseen">{strings.chats.loading}</span>
      <i />
      <i />
      <i />
      <i />
      <i />
    </div>
  );
}

function Failed({ isOffline, onRetry }: { isOffline: boolean; onRetry: () => void }): JSX.Element {
  return (
    <p className="side-say" role="status">
      {isOffline ? strings.chats.offline : strings.chats.failed}
      {!isOffline && (
        <button type="button" className="link-button" onClick={onRetry}>
          {strings.chats.retry}
        </button>
      )}
    </p>
  );
}

/** What of a scrolled element is in sight, in pixels. */
function useWindow(element: HTMLElement | null): { top: number; height: number; onScroll: () => void } {
  const [shown, setShown] = useState({ top: 0, height: 0 });
  const measure = useCallback(() => {
    if (!element) return;
    const { scrollTop: top, clientHeight: height } = element;
    setShown((before) => (before.top === top && before.height === height ? before : { top, height }));
  }, [element]);
  useLayoutEffect(() => {
    measure();
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [element, measure]);
  return { ...shown, onScroll: measure };
}

/** The time, again after every midnight. */
function useToday(): Date {
  const [now, tick] = useReducer(
    () => new Date(),
    undefined,
    () => new Date(),
  );
  useEffect(() => {
    const timer = setTimeout(tick, untilMidnight(now) + 1000);
    return () => clearTimeout(timer);
  }, [now]);
  return now;
}

/** The heights of lines, as the type is set and as fingers need them. */
function useSizes(): Sizes {
  const [isCoarse, setIsCoarse] = useState(() => COARSE?.matches ?? false);
  useEffect(() => {
    const onChange = () => setIsCoarse(COARSE.matches);
    COARSE?.addEventListener("change", onChange);
    return () => COARSE?.removeEventListener("change", onChange);
  }, []);
  return useMemo(() => {
    const rem = surface.rem;
    return { name: 2.375 * rem, thread: (isCoarse ? 2.875 : 2.25) * rem };
  }, [isCoarse]);
}
