/** What Vite asks of a plugin, as far as this one answers. */
interface Plugin {
  readonly name: string;
  readonly enforce: "pre";
  transform(code: string, id: string): string | undefined;
}

/** Leaves only the best of the three formats in which KaTeX brings each font: every browser we run in takes it. */
export function katexFonts(): Plugin {
  return {
    name: "katex-fonts",
    enforce: "pre",
    transform: (code, id) =>
      /katex(?:\.min)?\.css/.test(id)
        ? code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\("[^"]*"\)/g, "")
        : undefined,
  };
}
