import { strings } from "@convo/app/src/strings";
import { Glyph } from "@convo/app/src/ui/Glyph";
import { type JSX, useSyncExternalStore } from "react";
import type { Display } from "../contract";
import type { ChatPlace } from "../place";

/** How the widget stands in its page, and its end: at the end of the header. */
export function Tools({ place }: { place: ChatPlace }): JSX.Element {
  const { layout } = place;
  const display = useSyncExternalStore(
    (listener) => layout.onChange(listener),
    () => layout.display,
  );
  const turn = (to: Display) => layout.show(display === to ? "floating" : to);
  return (
    <>
      <button
        type="button"
        className="icon-button widget-display"
        aria-label={strings.copilot.sidebar}
        aria-pressed={display === "sidebar"}
        title={strings.copilot.sidebar}
        onClick={() => turn("sidebar")}
      >
        <Glyph shape="panel" />
      </button>
      <button
        type="button"
        className="icon-button widget-display"
        aria-label={strings.copilot.expanded}
        aria-pressed={display === "expanded"}
        title={strings.copilot.expanded}
        onClick={() => turn("expanded")}
      >
        <Glyph shape="expand" />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={strings.dialog.close}
        title={strings.dialog.close}
        onClick={() => place.close()}
      >
        <Glyph shape="cross" />
      </button>
    </>
  );
}
