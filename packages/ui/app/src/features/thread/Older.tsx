import { useOlder } from "@convo/react";
import { type JSX, type RefObject, useEffect, useRef } from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { isFocusLost } from "../../ui/surface";
import { announce } from "./announcement";

/** How far above what can be seen a page is loaded, so that nobody waits for it who scrolls at ease. */
const AHEAD = "1500px 0px 0px";

interface OlderProps {
  readonly frame: RefObject<HTMLElement | null>;
  /** All turns that are loaded are drawn: only then is the end of them near when this row is. */
  readonly isDrawn: boolean;
}

/** The row above a long thread: loads what stands before it, by itself when it comes near, or when asked. */
export function Older({ frame, isDrawn }: OlderProps): JSX.Element | null {
  const { more, status, failure, load } = useOlder();
  const row = useRef<HTMLDivElement>(null);
  const waits = more && isDrawn && status === "idle";
  useEffect(() => {
    const element = row.current;
    if (!waits || element === null) return;
    const observer = new IntersectionObserver(([seen]) => seen?.isIntersecting && void load(), {
      root: frame.current,
      rootMargin: AHEAD,
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [waits, load, frame]);
  if (!more) return null;
  const ask = async (): Promise<void> => {
    await load();
    announce(strings.older.loaded);
    // The button is gone when there is nothing more to load; its focus must not be.
    if (isFocusLost()) frame.current?.focus({ preventScroll: true });
  };
  return (
    <div ref={row} className="older" aria-busy={status === "loading"}>
      {status === "failed" && (
        <span className="older-failure" role="alert">
          <Glyph shape="warning" small />
          {strings.older.failed({ reason: failure ? said(failure) : "" })}
        </span>
      )}
      <button
        type="button"
        className="link-button"
        aria-disabled={status === "loading"}
        onClick={() => status !== "loading" && void ask()}
      >
        {status === "loading" && <span className="spin" />}
        {status === "loading" ? strings.older.loading : status === "failed" ? strings.older.retry : strings.older.load}
      </button>
    </div>
  );
}
