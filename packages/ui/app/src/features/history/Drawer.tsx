import { type JSX, useCallback, useEffect, useRef } from "react";
import { strings } from "../../strings";
import type { HistoryPlaceProps } from "./HistoryPlace";
import { setHistoryOpen } from "./open";
import { Sidebar } from "./Sidebar";
import "../../ui/dialog.css";
import { surface } from "../../ui/surface";

/** The history above the chat. It closes when something is chosen. */
export function Drawer({ onNewChat, onLeave }: HistoryPlaceProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = useCallback(() => setHistoryOpen(false), []);
  useEffect(() => {
    const element = dialog.current;
    const before = surface.root.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it too, as `cancel`
    <dialog
      ref={dialog}
      className="dialog drawer"
      aria-label={strings.chats.title}
      onCancel={(event) => {
        event.preventDefault();
        if (event.target === dialog.current) close();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <Sidebar
        onNewChat={() => {
          close();
          setTimeout(onNewChat);
        }}
        onLeave={onLeave}
        onVisit={close}
      />
    </dialog>
  );
}
