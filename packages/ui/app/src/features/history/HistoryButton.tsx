import type { JSX } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { keysOf, SHORTCUTS } from "../shell/keys";
import { setHistoryOpen, useHistoryOpen } from "./open";

/** Opens the history, where it is closed. */
export function HistoryButton(): JSX.Element | null {
  const { isOpen, isNarrow } = useHistoryOpen();
  if (!config.history || (isOpen && !isNarrow)) return null;
  return (
    <button
      type="button"
      className="icon-button head-history"
      aria-label={strings.history.open}
      aria-expanded={isOpen}
      aria-keyshortcuts="Control+Shift+S Meta+Shift+S"
      title={`${strings.history.open} (${keysOf(SHORTCUTS.history).join(" ")})`}
      onClick={() => setHistoryOpen(true)}
    >
      <Glyph shape="menu" />
    </button>
  );
}
