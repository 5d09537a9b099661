import { config } from "../../config";

const PATTERN = /^\/thread\/([^/]+)\/?$/;

/** The thread an address names; nothing for a new chat. */
export function threadOf(path: string): string | undefined {
  const rest = path.startsWith(config.root) ? path.slice(config.root.length) : path;
  const id = PATTERN.exec(rest)?.[1];
  try {
    return id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

export function addressOf(thread: string | undefined): string {
  return thread === undefined ? `${config.root}/` : `${config.root}/thread/${encodeURIComponent(thread)}`;
}
