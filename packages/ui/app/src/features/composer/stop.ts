import { type ConvoClient, RequestError } from "@convo/client";
import { fillComposer } from "./fill";

/** Stops all that is going. The messages that waited for it stand in the message box again: nobody said to lose them. */
export async function stopAll(client: ConvoClient): Promise<void> {
  const waiting = client.runs.queued.flatMap(({ text }) => (text ? [text] : []));
  try {
    await client.request({ kind: "stop" });
  } catch (error) {
    const hasEnded = error instanceof RequestError && ["conflict", "not-found"].includes(error.failure.code);
    if (!hasEnded) client.showFailure(error);
    return;
  }
  if (waiting.length === 0) return;
  fillComposer((now) => [...waiting, now].filter((text) => text.trim() !== "").join("\n\n"));
}
