import { formatList } from "./language/format";
import type { Values } from "./language/message";
import { strings } from "./strings";

/** What a server says of something that failed: a text, and what it is called where it is said in other languages. */
interface Said {
  readonly text: string;
  readonly key?: string | null;
  readonly details?: Readonly<Record<string, unknown>> | null;
}

/** What went wrong, in the page's language if there are words for it. */
export function said({ text, key, details }: Said): string {
  const words = new Map<string, unknown>(Object.entries(strings.errors)).get(key ?? "");
  if (typeof words === "function") return words(valuesOf(details ?? {}));
  return typeof words === "string" ? words : text;
}

function valuesOf(details: Readonly<Record<string, unknown>>): Values {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      typeof value === "number" ? value : Array.isArray(value) ? formatList(value.map(String)) : String(value ?? ""),
    ]),
  );
}
