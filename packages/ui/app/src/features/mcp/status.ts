import type { McpServer } from "@convo/client";
import { config } from "../../config";
import { strings } from "../../strings";

type State = NonNullable<McpServer["state"]>;
type Reason = NonNullable<McpServer["reason"]>;

/** How a server is, in a word. */
export function statusOf(state: State): string {
  switch (state) {
    case "connected":
      return strings.connection.online;
    case "connecting":
      return strings.connection.connecting;
    case "needs-sign-in":
      return strings.mcp.needsSignIn;
    default:
      return strings.connection.offlineWord;
  }
}

/** The route that sends a browser to where its user signs in at a server, for a chat. */
export function signInAddress(name: string, thread: string): string {
  return `${config.root}/mcp/${encodeURIComponent(name)}/sign-in?thread=${encodeURIComponent(thread)}`;
}

/** Why it is so, if there is something to say. */
export function reasonOf(server: McpServer | undefined): string | undefined {
  const reason = server?.reason;
  return reason == null ? undefined : strings.mcp.reasons[WORDS[reason] ?? "unknown"];
}

const WORDS: Readonly<Record<Reason, keyof typeof strings.mcp.reasons>> = {
  "not-started": "notStarted",
  unreachable: "unreachable",
  refused: "refused",
  "not-allowed": "notAllowed",
  "timed-out": "timedOut",
  lost: "lost",
  unknown: "unknown",
  "signed-out": "signedOut",
  denied: "denied",
};
