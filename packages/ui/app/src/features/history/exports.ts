import type { ConvoClient } from "@convo/client";
import { type ExportFormat, exportThread } from "@convo/client/history";
import { strings } from "../../strings";
import { saveFile } from "../../ui/download";

/** What takes longer says so: milliseconds. */
const PATIENCE_MS = 1_000;

/** What a chat can be exported as, the first one for reading everywhere. */
export const FORMATS: readonly ExportFormat[] = ["markdown", "html", "json"];

/** Hands a chat to its reader as a file. It is read whole before it is saved: half of one is told, and not kept. */
export async function saveThread(client: ConvoClient, threadId: string, format: ExportFormat): Promise<void> {
  const timer = setTimeout(() => client.showToast(strings.exports.writing), PATIENCE_MS);
  try {
    const { name, content } = await exportThread(client, threadId, format);
    saveFile(name, content);
  } catch (error) {
    client.showFailure(error);
  } finally {
    clearTimeout(timer);
  }
}
