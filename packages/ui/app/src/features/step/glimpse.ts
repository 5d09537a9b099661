const LENGTH = 140;

/** One short line of a longer text, for the row of a step. */
export function glimpse(text: string): string {
  const line = text
    .slice(0, 4 * LENGTH)
    .trim()
    .replace(/\s+/g, " ");
  return line.length > LENGTH ? `${line.slice(0, LENGTH - 1)}…` : line;
}

/** JSON indented for reading, or nothing if `text` is not an object or array of JSON. */
export function prettyJson(text: string): string | undefined {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed) || !/[\]}]$/.test(trimmed)) return undefined;
  try {
    return JSON.stringify(JSON.parse(trimmed), null, 2);
  } catch {
    return undefined;
  }
}
