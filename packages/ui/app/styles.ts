/** What Vite asks of a plugin, as far as this one answers. */
interface Plugin {
  readonly name: string;
  transform(this: { error(text: string): never }, code: string, id: string): string | undefined;
}

/** Vite's loader of parts, and what of it takes a stylesheet for had once it was asked for. */
const LOADER = "\0vite/preload-helper.js";
const ONCE: readonly (readonly [RegExp, string])[] = [
  [/(\(err\) => \{\s*)seen\[href\] = void 0;/, "$1delete seen[href];"],
  [/(if \(e\.type === "error"\)) (rej\()/, "$1 link.remove(), $2"],
];

/** A stylesheet that did not come with its part is asked for again with it. */
export function stylesAgain(): Plugin {
  return {
    name: "styles-again",
    transform(code, id) {
      if (id !== LOADER) return undefined;
      return ONCE.reduce((text, [once, again]) => {
        if (!once.test(text)) this.error(`Vite's loader has changed: it has no ${once}. See app/styles.ts.`);
        return text.replace(once, again);
      }, code);
    },
  };
}
