import type { ConvoClient } from "@convo/client";
import { surface } from "../../ui/surface";
import { moveTo } from "../app/path";
import { addressOf } from "../app/route";
import { jumpTo } from "../shell/jump";

const PATIENCE_MS = 10_000;

/** Opens a thread in this tab; with a message, there. */
export async function visit(client: ConvoClient, threadId: string, messageId?: string): Promise<void> {
  if (surface.path !== addressOf(threadId)) moveTo(addressOf(threadId));
  client.openThread(threadId);
  if (messageId === undefined || !(await isThere(client, threadId))) return;
  if (client.step(messageId) === undefined) await client.loadOlder(messageId);
  if (client.threadId !== threadId || client.step(messageId) === undefined) return;
  const isShown = client.turns.some(({ user, items }) => user === messageId || items.includes(messageId));
  await jumpTo(client, messageId, isShown);
}

/** Waits until the thread has come. */
function isThere(client: ConvoClient, threadId: string): Promise<boolean> {
  const hasCome = () => client.thread?.id === threadId && client.turns.length > 0;
  if (hasCome()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (found: boolean) => {
      stop();
      clearTimeout(timer);
      resolve(found);
    };
    const stop = client.subscribe("structure", () => {
      if (hasCome()) settle(true);
      else if (client.threadId !== threadId) settle(false);
    });
    const timer = setTimeout(() => settle(false), PATIENCE_MS);
  });
}
