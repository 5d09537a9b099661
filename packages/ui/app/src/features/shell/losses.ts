import type { ConvoClient } from "@convo/client";
import { config } from "../../config";
import { strings } from "../../strings";
import { unsent } from "../composer/unsent";

/** What a user would leave behind with a new chat, in words; nothing when nothing would be lost. */
export function lossesOf(client: ConvoClient): readonly string[] {
  const { status } = client.connection;
  if (client.info?.confirmNewChat === false || status === "lost" || status === "refused") return [];
  const hasSaid = client.turns.some((turn) => turn.user !== undefined);
  const losses: string[] = [];
  const canReturn = config.history && hasSaid; // then a draft is there again, and so is the answer
  if (!canReturn && client.runs.running.some(({ callback }) => callback === "on_message"))
    losses.push(strings.leaving.running);
  if (client.outbox.length > 0) losses.push(strings.leaving.outbox);
  const { text, files } = unsent();
  if (text && hasSaid && !canReturn) losses.push(strings.leaving.text);
  if (files) losses.push(strings.leaving.files);
  if (hasSaid && client.saved.since !== undefined) losses.push(strings.leaving.unsaved);
  else if (hasSaid && client.hello?.durable !== true) losses.push(strings.leaving.forgotten);
  return losses;
}
