import { config } from "../../config";

const HISTORY_LENGTH = 50;
const draftKey = (thread: string | undefined) => `convo:draft:${config.root}:${thread ?? "new"}`;
const historyKey = () => `convo:sent:${config.root}`;

/** What was being written to a thread; without a thread, to a new one. */
export function readDraft(thread: string | undefined): string {
  try {
    return localStorage.getItem(draftKey(thread)) ?? "";
  } catch {
    return "";
  }
}

export function saveDraft(thread: string | undefined, text: string): void {
  try {
    if (text === "") localStorage.removeItem(draftKey(thread));
    else localStorage.setItem(draftKey(thread), text);
  } catch {
    // A full or forbidden store costs the draft, not the writing.
  }
}

/** What was sent from this browser, newest last. */
export function readSent(): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(historyKey()) ?? "[]");
    return Array.isArray(parsed) ? parsed.filter((text): text is string => typeof text === "string") : [];
  } catch {
    return [];
  }
}

export function saveSent(text: string): void {
  try {
    const sent = [...readSent().filter((before) => before !== text), text].slice(-HISTORY_LENGTH);
    localStorage.setItem(historyKey(), JSON.stringify(sent));
  } catch {
    // As above.
  }
}
