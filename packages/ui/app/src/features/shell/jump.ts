import type { ConvoClient } from "@convo/client";
import { surface } from "../../ui/surface";
import { goTo } from "../thread/bottom";

/** Milliseconds that a very long thread may take until it is drawn up to a message. */
const PATIENCE = 30_000;
const SHOWN_MS = 1600;

/** Brings a message into view and marks it for a moment; turns to its branch first where that is not shown. */
export async function jumpTo(client: ConvoClient, id: string, isShown: boolean): Promise<void> {
  if (!isShown) {
    try {
      await client.showBranch(id);
    } catch (error) {
      client.showFailure(error);
      return;
    }
  }
  const message = await drawn(client, id);
  if (!message) return;
  goTo(() => message.scrollIntoView({ block: "center" }));
  message.tabIndex = -1;
  message.focus({ preventScroll: true });
  message.classList.add("is-found");
  setTimeout(() => message.classList.remove("is-found"), SHOWN_MS);
}

/** A long thread draws what is far above last. Nothing once another thread is shown, or when it does not come. */
async function drawn(client: ConvoClient, id: string): Promise<HTMLElement | null> {
  const selector = `[data-message="${CSS.escape(id)}"]`;
  const end = performance.now() + PATIENCE;
  for (const thread = client.threadId; client.threadId === thread && performance.now() < end; ) {
    const found = surface.root.querySelector<HTMLElement>(selector);
    if (found) return found;
    await new Promise((done) => requestAnimationFrame(done));
  }
  return null;
}
