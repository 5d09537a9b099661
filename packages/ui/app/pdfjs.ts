import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const ID = "virtual:pdfjs";
/** What pdf.js reads at run time and by name: character maps, fonts, decoders of images, colours of print. */
const FOLDERS: Readonly<Record<string, RegExp>> = {
  cmaps: /\.bcmap$/,
  standard_fonts: /\.(pfb|ttf)$/,
  wasm: /^(jbig2|openjpeg|qcms_bg)\.wasm$/,
  iccs: /\.icc$/,
};

/** What Vite asks of a plugin, as far as this one answers. */
interface Plugin {
  readonly name: string;
  configResolved(config: { readonly command: "build" | "serve" }): void;
  resolveId(id: string): string | undefined;
  load(id: string): string | undefined;
  generateBundle(this: { emitFile(file: { type: "asset"; fileName: string; source: Uint8Array }): string }): void;
}

/** pdf.js's own files beside our assets, in a folder named after its version: `folder` of `virtual:pdfjs` is its address. */
export function pdfjs(): Plugin {
  const root = dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const name = `pdfjs-${version}`;
  let isBuild = true;
  return {
    name: "pdfjs",
    configResolved({ command }) {
      isBuild = command === "build";
    },
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load(id) {
      if (id !== `\0${ID}`) return undefined;
      if (!isBuild) return `export const folder = ${JSON.stringify(`/@fs${root}/`)};`;
      return `export const folder = import.meta.url.replace(/[^/]*$/, ${JSON.stringify(`${name}/`)});`;
    },
    generateBundle() {
      for (const [folder, wanted] of Object.entries(FOLDERS)) {
        for (const file of readdirSync(join(root, folder)).filter((own) => wanted.test(own))) {
          const source = readFileSync(join(root, folder, file));
          this.emitFile({ type: "asset", fileName: `assets/${name}/${folder}/${file}`, source });
        }
      }
    },
  };
}
