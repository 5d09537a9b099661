import type { ElementView } from "./viewers";

/** Finds the names of elements in a text. */
export interface Mentions {
  /** The text in pieces, with an element in the place of each of its names. */
  split(text: string): readonly (string | ElementView)[];
}

/** Letters of scripts that put spaces between words, and digits: a name does not begin or end among them. */
const WORD = "[\\p{Script=Latin}\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Arabic}\\p{Script=Hebrew}\\p{N}_]";
const IS_WORD = new RegExp(WORD, "u");

/** The names of the elements that open elsewhere; nothing if there are none. */
export function mentionsOf(elements: readonly ElementView[]): Mentions | undefined {
  const named = elements.filter((element) => opensElsewhere(element) && element.name.trim() !== "");
  if (named.length === 0) return undefined;
  const byName = new Map(named.map((element) => [element.name, element]));
  const names = [...byName.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(`(${names.map(bounded).join("|")})`, "gu");
  return {
    split: (text) =>
      text
        .split(pattern)
        .filter((piece) => piece !== "")
        .map((piece) => byName.get(piece) ?? piece),
  };
}

/** It stands behind a link, and not below its message. */
export function opensElsewhere({ display }: ElementView): boolean {
  return display === "side" || display === "page";
}

/** The elements whose names the text does not say, where they would be links. */
export function unmentioned(text: string, elements: readonly ElementView[]): readonly ElementView[] {
  const mentions = mentionsOf(elements);
  if (mentions === undefined) return [];
  const said = new Set(mentions.split(withoutCode(text)));
  return elements.filter((element) => opensElsewhere(element) && !said.has(element));
}

function withoutCode(text: string): string {
  return text
    .replace(/^ {0,3}(```|~~~)[\s\S]*?(?:^ {0,3}\1[`~]*\s*$|(?![\s\S]))/gm, "\n")
    .replace(/(`+)[^`]+?\1(?!`)/g, " ");
}

function bounded(name: string): string {
  const escaped = name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const before = IS_WORD.test([...name][0] ?? "") ? `(?<!${WORD})` : "";
  const after = IS_WORD.test([...name].at(-1) ?? "") ? `(?!${WORD})` : "";
  return `${before}${escaped}${after}`;
}
