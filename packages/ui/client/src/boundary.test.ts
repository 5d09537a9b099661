import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const MODULES = readdirSync(HERE).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));

function imports(name: string): string[] {
  const source = readFileSync(`${HERE}/${name}`, "utf8");
  return [...source.matchAll(/from "([^"]+)"/g)].map((match) => match[1] ?? "");
}

test("the client knows no framework, and Socket.IO in one module alone", () => {
  for (const name of MODULES) {
    const vendors = imports(name).filter((module) => !module.startsWith("./"));
    expect(vendors, name).toEqual(name === "socket.ts" ? ["socket.io-client"] : []);
  }
});

test("the browser is met in one module alone", () => {
  for (const name of MODULES.filter((module) => module !== "environment.ts" && module !== "protocol.gen.ts")) {
    const source = readFileSync(`${HERE}/${name}`, "utf8").replace(/^\s*(\/\/|\/?\*).*$/gm, "");
    expect(source, name).not.toMatch(/(?<!\.)\b(document|window|navigator|sessionStorage|localStorage)\s*[.?]/);
  }
});
