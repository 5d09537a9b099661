import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { usePanel } from "./open";

/** Brings back what the app shows beside the chat, when its reader has closed it. */
export function ReopenButton(): JSX.Element | null {
  const { sidebar, isOpen, reopen } = usePanel();
  if (sidebar === undefined || isOpen) return null;
  const label = sidebar.title === "" ? strings.panel.show : strings.panel.reopen({ title: sidebar.title });
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={reopen}>
      <Glyph shape="panel" />
    </button>
  );
}
