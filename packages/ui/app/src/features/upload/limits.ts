import { formatBytes, formatList } from "../../language/format";
import { strings } from "../../strings";

/** What files are taken, as the app or one of its questions says. */
export interface Limits {
  /** Types as `image/*`, or endings as `.csv`; empty: all. */
  readonly accept: readonly string[];
  readonly maxFiles: number;
  readonly maxBytes: number;
}

/** For the browser's own dialog. */
export function acceptOf({ accept }: Pick<Limits, "accept">): string | undefined {
  return accept.length > 0 ? accept.join(",") : undefined;
}

/** Why the server would not take the file; `undefined` if it may. The server looks again, and at the content. */
export function problemOf(file: File, limits: Limits): string | undefined {
  if (limits.maxBytes > 0 && file.size > limits.maxBytes)
    return strings.upload.tooLarge({ name: file.name, size: formatBytes(limits.maxBytes) });
  if (file.size === 0) return strings.upload.empty({ name: file.name });
  if (!isAccepted(file, limits.accept))
    return strings.upload.notAccepted({ name: file.name, types: formatList(limits.accept) });
  return undefined;
}

function isAccepted(file: File, accept: readonly string[]): boolean {
  if (accept.length === 0) return true;
  const name = file.name.toLowerCase();
  return accept.some((pattern) => {
    if (pattern.startsWith(".")) return name.endsWith(pattern);
    if (file.type === "") return true; // the browser does not know it, the server will
    return pattern.endsWith("/*") ? file.type.startsWith(pattern.slice(0, -1)) : file.type === pattern;
  });
}
