import { useConnection } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";

type State = "online" | "connecting" | "offline";

const phrases: Record<State, string> = {
  online: strings.connection.online,
  connecting: strings.connection.connecting,
  offline: strings.connection.offlineWord,
};

/** How the connection is, in a word. */
export function useConnectionState(): { readonly state: State; readonly word: string } {
  const { status } = useConnection();
  const isComing = status === "connecting" || status === "reconnecting";
  const state = status === "online" ? "online" : isComing ? "connecting" : "offline";
  return { state, word: phrases[state] };
}

/** The app's sign, with a dot while it is not connected. */
export function Mark(): JSX.Element {
  const { state, word } = useConnectionState();
  return (
    <span className="mark">
      <Glyph shape="chat" />
      <i className={`state is-${state}`} title={word} />
    </span>
  );
}
