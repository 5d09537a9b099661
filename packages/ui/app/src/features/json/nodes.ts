/** Where a value stands in a JSON document: keys and positions from the root. */
export type Path = readonly (string | number)[];

/** One line of a tree as it is unfolded. */
export type Row =
  | {
      readonly kind: "value";
      readonly id: string;
      readonly path: Path;
      readonly value: unknown;
      /** How many values are in it; nothing for a plain value. */
      readonly size: number | undefined;
      readonly isOpen: boolean;
    }
  | {
      readonly kind: "more";
      readonly id: string;
      /** Of the value that has more. */
      readonly path: Path;
      /** What is shown after a click. */
      readonly range: Range;
      readonly left: number;
      readonly size: number;
    };

/** From the first to after the last. */
export type Range = readonly [from: number, to: number];

/** Which containers and long texts are unfolded, and which part of a container is shown: at first, a page. */
export interface Unfolded {
  readonly open: ReadonlySet<string>;
  readonly ranges: ReadonlyMap<string, Range>;
}

/** How many values of a container are shown at first, and with each "more". */
export const PAGE = 100;
/** How many rows a tree may have when it appears. */
const FIRST_ROWS = 24;
/** A longer text is folded to its beginning. */
export const LONG_TEXT = 160;
/** More values than that are not looked at, so that a search takes well below a second. */
const SEARCHED = 1_000_000;

export const idOf = (path: Path): string => JSON.stringify(path);

export function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

const keys = new WeakMap<object, readonly string[]>();

/** How many values are in a value. */
export function sizeOf(value: object): number {
  return Array.isArray(value) ? value.length : keysOf(value).length;
}

function keysOf(value: object): readonly string[] {
  let known = keys.get(value);
  if (known === undefined) {
    known = Object.keys(value);
    keys.set(value, known);
  }
  return known;
}

function childAt(value: object, index: number): readonly [key: string | number, child: unknown] {
  if (Array.isArray(value)) return [index, value[index]];
  const key = keysOf(value)[index] ?? "";
  return [key, (value as Record<string, unknown>)[key]];
}

/** The rows of a tree, the root first. Costs as much as it shows, however large the value is. */
export function rowsOf(root: unknown, { open, ranges }: Unfolded): Row[] {
  const rows: Row[] = [];
  const add = (path: Path, value: unknown): void => {
    const id = idOf(path);
    const isOpen = open.has(id);
    const size = isContainer(value) ? sizeOf(value) : undefined;
    rows.push({ kind: "value", id, path, value, size, isOpen });
    if (!isOpen || size === undefined) return;
    const [from, end] = ranges.get(id) ?? [0, PAGE];
    const to = Math.min(size, end);
    const more = (sign: string, range: Range, left: number): void => {
      if (left > 0) rows.push({ kind: "more", id: `${id}${sign}`, path, range, left, size });
    };
    more("-", [Math.max(0, from - PAGE), to], from);
    for (let index = from; index < to; index++) {
      const [key, child] = childAt(value as object, index);
      add([...path, key], child);
    }
    more("+", [from, to + PAGE], size - to);
  };
  add([], root);
  return rows;
}

/** What to unfold at first: level by level, as long as it is a screenful. */
export function unfoldedAtFirst(root: unknown): ReadonlySet<string> {
  const open = new Set<string>();
  let rows = 1;
  let level: (readonly [Path, unknown])[] = [[[], root]];
  while (level.length > 0) {
    const containers = level.filter(([, value]) => isContainer(value) && sizeOf(value) > 0);
    const added = containers.reduce((sum, [, value]) => sum + Math.min(sizeOf(value as object), PAGE), 0);
    if (open.size > 0 && rows + added > FIRST_ROWS) break;
    rows += added;
    const next: (readonly [Path, unknown])[] = [];
    for (const [path, value] of containers) {
      open.add(idOf(path));
      for (let index = 0; index < Math.min(sizeOf(value as object), PAGE); index++) {
        const [key, child] = childAt(value as object, index);
        next.push([[...path, key], child]);
      }
    }
    level = next;
  }
  return open;
}

/** Unfolds what is needed to see `path`. */
export function revealed({ open, ranges }: Unfolded, root: unknown, path: Path): Unfolded {
  const wider = new Set(open);
  const moved = new Map(ranges);
  let value = root;
  path.forEach((key, depth) => {
    const id = idOf(path.slice(0, depth));
    wider.add(id);
    if (!isContainer(value)) return;
    const index = typeof key === "number" ? key : keysOf(value).indexOf(key);
    const [from, to] = moved.get(id) ?? [0, PAGE];
    const page = Math.floor(index / PAGE) * PAGE;
    if (index < from || index >= to) moved.set(id, [page, page + PAGE]);
    value = (value as Record<string | number, unknown>)[key];
  });
  return { open: wider, ranges: moved };
}

/** Places whose key or plain value contains `words`, in order, at most `most`; looks at a bounded part. */
export function find(root: unknown, words: string, most: number): Path[] {
  const wanted = words.trim().toLowerCase();
  const found: Path[] = [];
  if (wanted === "") return found;
  let left = SEARCHED;
  const path: (string | number)[] = [];
  const look = (value: unknown): void => {
    const key = path.at(-1);
    const isHit =
      (typeof key === "string" && key.toLowerCase().includes(wanted)) ||
      (!isContainer(value) && String(value).toLowerCase().includes(wanted));
    if (isHit) found.push([...path]);
    if (!isContainer(value)) return;
    const size = sizeOf(value);
    for (let index = 0; index < size && found.length < most; index++) {
      if (left-- <= 0) return;
      const [childKey, child] = childAt(value, index);
      path.push(childKey);
      look(child);
      path.pop();
    }
  };
  look(root);
  return found;
}

/** `$.messages[0]["first name"]` */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return /^[A-Za-z_$][\w$]*$/.test(key) ? `${text}.${key}` : `${text}[${JSON.stringify(key)}]`;
  }, "$");
}

/** A value as somebody would want it on the clipboard: a text bare, the rest as JSON. */
export function copyOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
