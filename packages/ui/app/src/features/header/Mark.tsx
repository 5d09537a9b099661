import { useConnection } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Sign } from "../theme/Sign";

type State = "online" | "connecting" | "offline";

/** How the connection is, in a word. */
export function useConnectionState(): { readonly state: State; readonly word: string } {
  const { status } = useConnection();
  const isComing = status === "connecting" || status === "reconnecting";
  const state = status === "online" ? "online" : isComing ? "connecting" : "offline";
  return { state, word: wordOf(state) };
}

/** The app's sign, with a dot while it is not connected. */
export function Mark(): JSX.Element {
  const { state, word } = useConnectionState();
  return (
    <span className="mark">
      <Sign />
      <i className={`state is-${state}`} title={word} />
    </span>
  );
}

function wordOf(state: State): string {
  const { online, connecting, offlineWord } = strings.connection;
  return { online, connecting, offline: offlineWord }[state];
}
