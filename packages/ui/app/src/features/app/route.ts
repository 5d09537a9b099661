import { config } from "../../config";
import { surface } from "../../ui/surface";

const PATTERN = /^\/(thread|share)\/([^/]+)(?:\/element\/([^/]+))?\/?$/;

/** The thread an address names, by its own id or by that of a share; nothing for a new chat. */
export function threadOf(path: string): string | undefined {
  return part(path, 2);
}

/** The share an address names. */
export function shareOf(path: string): string | undefined {
  return part(path, 1) === "share" ? part(path, 2) : undefined;
}

/** The element whose own page an address names. */
export function elementOf(path: string): string | undefined {
  return part(path, 3);
}

function part(path: string, index: 1 | 2 | 3): string | undefined {
  const rest = path.startsWith(config.root) ? path.slice(config.root.length) : path;
  const id = PATTERN.exec(rest)?.[index];
  try {
    return id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

/** Where a thread is; that of a share stays where it is read. */
export function addressOf(thread: string | undefined): string {
  if (thread === undefined) return `${config.root}/`;
  const kind = shareOf(surface.path) === thread ? "share" : "thread";
  return `${config.root}/${kind}/${encodeURIComponent(thread)}`;
}

export function elementAddress(thread: string, element: string): string {
  return `${addressOf(thread)}/element/${encodeURIComponent(element)}`;
}
