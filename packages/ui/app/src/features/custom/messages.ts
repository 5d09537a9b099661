/** What the page and a frame with an author's component say to each other, over a port that only the two have. */

export type Props = Readonly<Record<string, unknown>>;

/** An author's component: `hash` is that of its source. */
export interface Component {
  readonly name: string;
  /** As `public/elements/Counter.jsx`. */
  readonly file: string;
  readonly hash: string;
  readonly source: string;
}

/** What a frame made of a component's source, for the frames after it. */
export interface Compiled {
  readonly hash: string;
  readonly code: string;
  /** The rules of the utility classes in it. */
  readonly css: string;
  /** Those classes. */
  readonly classes: readonly string[];
}

/** How the page looks. */
export interface Look {
  readonly isDark: boolean;
  /** The tokens, as `--ink`, with their values. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** What a component may know of its element. */
export interface Facts {
  readonly id: string;
  readonly name: string;
  readonly place: "inline" | "side" | "page";
  /** It is a question that waits for `submit` or `cancel`. */
  readonly isAsked: boolean;
  /** When that waits no longer. */
  readonly expiresAt?: string | undefined;
}

/** Code that is loaded when a component needs it. */
export type Part = "compiler" | "styles" | "forms" | "zod";

/** A drawing of Lucide's: tags with their attributes. */
export type Sign = readonly (readonly [tag: string, attributes: Readonly<Record<string, string>>])[];

/** What went wrong with a component. */
export interface Problem {
  /** Reading it, its imports, drawing it; `later`: in an event or a promise, while it stays as it is. */
  readonly stage: "compile" | "import" | "run" | "later";
  readonly text: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly stack?: string | undefined;
}

export type ToFrame =
  | { readonly kind: "look"; readonly look: Look }
  | {
      readonly kind: "show";
      readonly component: Component;
      readonly compiled: Compiled | undefined;
      readonly facts: Facts;
      readonly props: Props;
    }
  | { readonly kind: "props"; readonly props: Props }
  | { readonly kind: "facts"; readonly facts: Facts }
  | { readonly kind: "part"; readonly part: Part; readonly code: string | undefined }
  | { readonly kind: "sign"; readonly name: string; readonly sign: Sign | null }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly code: string; readonly text: string };

/** What a component asks for; the page does what its user might do himself. */
export type Wish =
  | { readonly do: "update"; readonly props: Props }
  | { readonly do: "remove" }
  | { readonly do: "act"; readonly name: string; readonly payload: Props }
  | { readonly do: "send"; readonly text: string }
  | { readonly do: "submit"; readonly props: Props }
  | { readonly do: "cancel" };

export type ToastTone = "info" | "success" | "warning" | "error";

export type FromFrame =
  | { readonly kind: "height"; readonly height: number }
  | { readonly kind: "need"; readonly part: Part }
  | { readonly kind: "sign"; readonly name: string }
  | { readonly kind: "compiled"; readonly compiled: Compiled }
  | { readonly kind: "shown" }
  | { readonly kind: "problem"; readonly problem: Problem }
  | { readonly kind: "wish"; readonly id: number; readonly wish: Wish }
  | { readonly kind: "open"; readonly url: string }
  | { readonly kind: "toast"; readonly text: string; readonly tone: ToastTone };

const TALLEST = 20_000;
const LONGEST_TEXT = 20_000;
const LARGEST_CODE = 4_000_000;
const NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;

/**
 * A message of a frame, checked: nothing is believed of what stands in there. `undefined` for one that is malformed,
 * or that holds more than `limit` bytes for the server.
 */
export function readMessage(data: unknown, limit: number): FromFrame | undefined {
  if (!isRecord(data)) return undefined;
  switch (data.kind) {
    case "height": {
      const { height } = data;
      if (typeof height !== "number" || !Number.isFinite(height) || height < 0) return undefined;
      return { kind: "height", height: Math.min(Math.ceil(height), TALLEST) };
    }
    case "need":
      return isPart(data.part) ? { kind: "need", part: data.part } : undefined;
    case "sign":
      return typeof data.name === "string" && NAME.test(data.name) ? { kind: "sign", name: data.name } : undefined;
    case "compiled": {
      const compiled = readCompiled(data.compiled);
      return compiled && { kind: "compiled", compiled };
    }
    case "shown":
      return { kind: "shown" };
    case "problem": {
      const problem = readProblem(data.problem);
      return problem && { kind: "problem", problem };
    }
    case "wish": {
      const wish = readWish(data.wish, limit);
      return wish && Number.isSafeInteger(data.id) ? { kind: "wish", id: data.id as number, wish } : undefined;
    }
    case "open":
      return typeof data.url === "string" && isLink(data.url) ? { kind: "open", url: data.url } : undefined;
    case "toast":
      if (typeof data.text !== "string" || !isTone(data.tone)) return undefined;
      return { kind: "toast", text: data.text.slice(0, 500), tone: data.tone };
    default:
      return undefined;
  }
}

function readWish(data: unknown, limit: number): Wish | undefined {
  if (!isRecord(data)) return undefined;
  switch (data.do) {
    case "remove":
    case "cancel":
      return { do: data.do };
    case "send":
      if (typeof data.text !== "string" || data.text.trim() === "" || byteLength(data.text) > limit) return undefined;
      return { do: "send", text: data.text };
    case "act": {
      const payload = readJson(data.payload, limit);
      if (typeof data.name !== "string" || data.name === "" || data.name.length > 200) return undefined;
      return payload && { do: "act", name: data.name, payload };
    }
    case "update":
    case "submit": {
      const props = readJson(data.props, limit);
      return props && { do: data.do, props };
    }
    default:
      return undefined;
  }
}

/** A copy that JSON can hold, and so the wire. */
function readJson(data: unknown, limit: number): Props | undefined {
  if (!isRecord(data)) return undefined;
  try {
    const text = JSON.stringify(data);
    return byteLength(text) > limit ? undefined : (JSON.parse(text) as Props);
  } catch {
    return undefined; // it holds itself, or a BigInt
  }
}

function readCompiled(data: unknown): Compiled | undefined {
  if (!isRecord(data)) return undefined;
  const { hash, code, css, classes } = data;
  if (typeof hash !== "string" || typeof code !== "string" || typeof css !== "string") return undefined;
  if (code.length + css.length > LARGEST_CODE || !Array.isArray(classes) || classes.length > 20_000) return undefined;
  return classes.every((one) => typeof one === "string") ? { hash, code, css, classes } : undefined;
}

function readProblem(data: unknown): Problem | undefined {
  if (!isRecord(data)) return undefined;
  const { stage, text, line, column, stack } = data;
  if (stage !== "compile" && stage !== "import" && stage !== "run" && stage !== "later") return undefined;
  if (typeof text !== "string") return undefined;
  return {
    stage,
    text: text.slice(0, LONGEST_TEXT),
    ...(Number.isSafeInteger(line) && { line: line as number }),
    ...(Number.isSafeInteger(column) && { column: column as number }),
    ...(typeof stack === "string" && { stack: stack.slice(0, LONGEST_TEXT) }),
  };
}

/** Where a click may lead. */
function isLink(url: string): boolean {
  return url.length < 4096 && /^(https?:\/\/|mailto:|tel:)/i.test(url);
}

function isPart(part: unknown): part is Part {
  return part === "compiler" || part === "styles" || part === "forms" || part === "zod";
}

function isTone(tone: unknown): tone is ToastTone {
  return tone === "info" || tone === "success" || tone === "warning" || tone === "error";
}

function isRecord(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
