import { config } from "../../config";
import { surface } from "../../ui/surface";

const HISTORY_LENGTH = 50;
const draftKey = (thread: string | undefined) => `convo:draft:${config.root}:${thread ?? "new"}`;
const historyKey = () => `convo:sent:${config.root}`;

/** What was being written to a thread; without a thread, to a new one. */
export function readDraft(thread: string | undefined): string {
  try {
    return surface.local.getItem(draftKey(thread)) ?? "";
  } catch {
    return "";
  }
}

export function saveDraft(thread: string | undefined, text: string): void {
  try {
    if (text === "") surface.local.removeItem(draftKey(thread));
    else surface.local.setItem(draftKey(thread), text);
  } catch {
    // A full or forbidden store costs the draft, not the writing.
  }
}

/** What was sent from this browser, newest last. */
export function readSent(): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(surface.local.getItem(historyKey()) ?? "[]");
    return Array.isArray(parsed) ? parsed.filter((text): text is string => typeof text === "string") : [];
  } catch {
    return [];
  }
}

export function saveSent(text: string): void {
  try {
    const sent = [...readSent().filter((before) => before !== text), text].slice(-HISTORY_LENGTH);
    surface.local.setItem(historyKey(), JSON.stringify(sent));
  } catch {
    // As above.
  }
}
