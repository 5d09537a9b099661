import en from "../../src/convo_ui/languages/en.json";
import type { Catalogue } from "./language/catalogue";
import { message } from "./language/message";
import type { Words } from "./words.gen";

/**
 * Every word the app says, in the page's language. Groups stay the objects they are when words are put in them, so a
 * module may keep a group, but not a text.
 */
export const strings: Words = {} as Words;

/** Puts words in place; what a catalogue does not have stays as it is. */
export function put(words: Catalogue): void {
  fill(strings as unknown as Record<string, unknown>, words, en);
}

function fill(into: Record<string, unknown>, words: Catalogue, reference: Catalogue): void {
  for (const [key, like] of Object.entries(reference)) {
    const text = words[key];
    if (text === undefined) continue;
    if (typeof like !== "string") {
      into[key] ??= {};
      const group = into[key] as Record<string, unknown>;
      if (typeof text !== "string") fill(group, text, like);
    } else if (typeof text === "string") into[key] = like.includes("{") ? message(text) : text;
  }
}

/** Puts English in the place of all words. */
export function putEnglish(): void {
  put(en);
}

putEnglish();
