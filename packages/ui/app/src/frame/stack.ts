/** Where in the author's file an error comes from. Of a line: compiling moves what stands in it. */
export function whereOf(error: unknown, file: string): { readonly line?: number } {
  const line = linesOf(error).find((one) => one.includes(file));
  const at = line === undefined ? undefined : /:(\d+):\d+\)?$/.exec(line)?.[1];
  return at === undefined ? {} : { line: Number(at) };
}

/** What of an error's stack, and of the components around it, is the author's own. */
export function stackOf(error: unknown, file: string, componentStack: string): string | undefined {
  const own = linesOf(error).filter((line) => line.includes(file));
  const around = componentStack
    .split("\n")
    .map((line) => line.trim().replace(/ \(<anonymous>\)$/, ""))
    .filter((line) => line.includes(file) || /^at [a-z][\w.-]*$/.test(line))
    .map((line) => line.replace(/^at /, "in "));
  const lines = [...own, ...around].map((line) => line.replace(/:(\d+):\d+(\)?)$/, ":$1$2"));
  return lines.length === 0 ? undefined : lines.join("\n");
}

function linesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at ") || line.includes("@"));
}
