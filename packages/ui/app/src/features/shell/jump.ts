import type { ConvoClient } from "@convo/client";

const PATIENCE_FRAMES = 120;
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
  const message = await drawn(id);
  if (!message) return;
  message.scrollIntoView({ block: "center" });
  message.tabIndex = -1;
  message.focus({ preventScroll: true });
  message.classList.add("is-found");
  setTimeout(() => message.classList.remove("is-found"), SHOWN_MS);
}

/** A long thread draws what is far above last. */
async function drawn(id: string): Promise<HTMLElement | null> {
  const selector = `[data-message="${CSS.escape(id)}"]`;
  for (let frame = 0; frame < PATIENCE_FRAMES; frame++) {
    const found = document.querySelector<HTMLElement>(selector);
    if (found) return found;
    await new Promise((done) => requestAnimationFrame(done));
  }
  return null;
}
