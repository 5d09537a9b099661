// Builds npm packages: into `dist` of each folder given, ES modules, one for each source, and their types.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TSC = fileURLToPath(new URL("./node_modules/typescript/bin/tsc", import.meta.url));
const RELATIVE = /(\bfrom |\bimport\()"(\.\/[^"]+)(?<!\.js)"/g;

for (const folder of process.argv.slice(2)) {
  const dist = join(folder, "dist");
  rmSync(dist, { recursive: true, force: true });
  execFileSync(process.execPath, [TSC, "--project", join(folder, "tsconfig.build.json")], { stdio: "inherit" });
  for (const name of readdirSync(dist)) {
    const path = join(dist, name);
    // Node, and TypeScript's `nodenext`, ask for the extensions that bundlers do without.
    writeFileSync(path, readFileSync(path, "utf8").replace(RELATIVE, '$1"$2.js"'));
  }
}
