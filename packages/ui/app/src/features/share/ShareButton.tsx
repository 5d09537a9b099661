import { useAppInfo, useHello, useThread, useTurns } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { shareThread } from "./place";

/** In the header, where the app lets chats be shared and there is something to share. */
export function ShareButton(): JSX.Element | null {
  const info = useAppInfo();
  const hello = useHello();
  const isShared = useThread()?.shared === true;
  const hasTurns = useTurns().length > 0;
  if (!info?.sharing || !hello || !hasTurns) return null;
  const label = isShared ? strings.share.shared : strings.share.button;
  return (
    <button
      type="button"
      className={isShared ? "icon-button head-share is-shared" : "icon-button head-share"}
      aria-label={label}
      aria-haspopup="dialog"
      title={label}
      onClick={() => shareThread(hello.thread)}
    >
      <Glyph shape="share" />
    </button>
  );
}
