import { config } from "../../config";

const PATTERN = /^\/thread\/([^/]+)(?:\/element\/([^/]+))?\/?$/;

/** The thread an address names; nothing for a new chat. */
export function threadOf(path: string): string | undefined {
  return part(path, 1);
}

/** The element whose own page an address names. */
export function elementOf(path: string): string | undefined {
  return part(path, 2);
}

function part(path: string, index: 1 | 2): string | undefined {
  const rest = path.startsWith(config.root) ? path.slice(config.root.length) : path;
  const id = PATTERN.exec(rest)?.[index];
  try {
    return id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

export function addressOf(thread: string | undefined): string {
  return thread === undefined ? `${config.root}/` : `${config.root}/thread/${encodeURIComponent(thread)}`;
}

export function elementAddress(thread: string, element: string): string {
  return `${addressOf(thread)}/element/${encodeURIComponent(element)}`;
}
