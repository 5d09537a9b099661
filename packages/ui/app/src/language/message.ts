import { formatNumber, pluralOf } from "./format";

export type Values = Readonly<Record<string, string | number>>;

interface Argument {
  readonly name: string;
  readonly cases?: Readonly<Record<string, readonly Part[]>>;
}

type Part = string | Argument;

/**
 * A text with parameters as a function of them. The syntax is ICU's, as far as it is needed: `{name}`,
 * `{count, number}` and `{count, plural, =0 {none} one {# file} other {# files}}`; braces cannot be quoted.
 */
export function message(text: string): (values: Values) => string {
  let parts: readonly Part[] | undefined;
  return (values) => {
    parts ??= new Reader(text).parts();
    return written(parts, values);
  };
}

function written(parts: readonly Part[], values: Values): string {
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") text += part;
    else {
      const value = values[part.name] ?? "";
      if (part.cases === undefined) text += typeof value === "number" ? formatNumber(value) : value;
      else {
        const count = Number(value);
        text += written(part.cases[`=${count}`] ?? part.cases[pluralOf(count)] ?? part.cases.other ?? [], values);
      }
    }
  }
  return text;
}

class Reader {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Up to the end, or to the brace that closes a case of `counted`. */
  parts(counted?: string): Part[] {
    const parts: Part[] = [];
    let plain = "";
    const push = (part: Part) => {
      if (plain !== "") parts.push(plain);
      plain = "";
      if (part !== "") parts.push(part);
    };
    for (; this.#at < this.#text.length; this.#at++) {
      const letter = this.#text.charAt(this.#at);
      if (letter === "}" && counted !== undefined) break;
      if (letter === "#" && counted !== undefined) push({ name: counted });
      else if (letter === "{") push(this.#argument());
      else plain += letter;
    }
    push("");
    return parts;
  }

  #argument(): Argument {
    const found = /^\{\s*(\w+)\s*(?:\}|,\s*number\s*\}|(,\s*plural\s*,))/.exec(this.#text.slice(this.#at));
    const [whole = "{", name = "", isPlural] = found ?? [];
    this.#at += whole.length - 1; // on its last letter, from which the caller goes on
    if (isPlural === undefined) return { name };
    this.#at++;
    const cases: Record<string, Part[]> = {};
    for (;;) {
      const start = /^\s*(=?\w+)\s*\{/.exec(this.#text.slice(this.#at));
      if (start === null) break;
      this.#at += start[0].length;
      cases[start[1] ?? "other"] = this.parts(name);
      this.#at++; // the brace that closed the case
    }
    const end = this.#text.indexOf("}", this.#at);
    this.#at = end < 0 ? this.#text.length : end;
    return { name, cases };
  }
}
