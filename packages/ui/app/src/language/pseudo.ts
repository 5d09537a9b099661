import en from "../../../src/convo_ui/languages/en.json";
import type { Catalogue } from "./catalogue";

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ACCENTED = [..."áƀçďéƒĝĥíĵķļḿñóþɋŕšţúṽŵẋýžÁƁÇĎÉƑĜĤÍĴĶĻḾÑÓÞɊŔŠŢÚṼŴẊÝŽ"];

/** English as a language nobody speaks: a text without accents is not translated, one that is cut has no room. */
export const pseudo: Catalogue = foreign(en);

function foreign(words: Catalogue): Catalogue {
  return Object.fromEntries(
    Object.entries(words).map(([key, value]) => [key, typeof value === "string" ? strange(value) : foreign(value)]),
  );
}

function strange(text: string): string {
  let depth = 0;
  const accented = text.replace(/[{}]|[a-zA-Z]/g, (letter) => {
    if (letter === "{") depth++;
    else if (letter === "}") depth--;
    else if (depth === 0) return ACCENTED[LETTERS.indexOf(letter)] ?? letter;
    return letter;
  });
  return `[${accented}${" ~".repeat(Math.ceil(text.length / 5))}]`;
}
