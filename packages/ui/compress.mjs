// Writes a brotli and a gzip twin beside every text asset, so that the server never compresses anything. Of a large one
// only the twins are kept: every browser takes one of them, and the server unpacks it for whoever does not.
import { readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const STATIC = fileURLToPath(new URL("./src/convo_ui/static", import.meta.url));
const TEXT = /\.(css|js|json|mjs|svg|txt|wasm|webmanifest)$/;

const LARGE = 64_000;

let script = 0;
for (const name of readdirSync(STATIC, { recursive: true, encoding: "utf8" })) {
  const path = join(STATIC, name);
  // index.html is a template: the server fills it for every visitor.
  if (!TEXT.test(name) || !statSync(path).isFile()) continue;
  const bytes = readFileSync(path);
  const gzip = gzipSync(bytes, { level: 9 });
  writeFileSync(`${path}.gz`, gzip);
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  );
  if (bytes.length >= LARGE) unlinkSync(path);
  if (name.endsWith(".js")) script += gzip.length;
  console.log(`${name}  ${(bytes.length / 1000).toFixed(1)} kB, gzip ${(gzip.length / 1000).toFixed(1)} kB`);
}
console.log(`JavaScript in total: gzip ${(script / 1000).toFixed(1)} kB`);
