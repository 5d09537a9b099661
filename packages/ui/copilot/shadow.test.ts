import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { forShadow } from "./shadow";

const plain = (css: string) => css.replace(/\s+/g, " ").trim();

test("what is for the root of a page is for the widget, and a rem is its own", () => {
  expect(plain(forShadow(":root {\n  --s1: 0.25rem;\n  --ink: red;\n}"))).toBe(
    ".widget-root { --s1: var(--convo-s1, 4px); --ink: var(--convo-ink, red); }",
  );
  expect(plain(forShadow("html { font: 1rem/1.5 x; }\n.html { top: 2rem; }"))).toBe(
    ".widget-root { font: 16px/1.5 x; } .html { top: 32px; }",
  );
  expect(plain(forShadow('@media screen { [data-theme="dark"] { --bg: black; } }'))).toContain(
    "--bg: var(--convo-bg, black);",
  );
});

test("what depends on the width of the page depends on that of the widget", () => {
  expect(plain(forShadow("@media (max-width: 760px), (pointer: coarse) { .a { top: 1px; } } .b { top: 2px; }"))).toBe(
    "@container page (max-width: 760px) { .a { top: 1px; } } @media (pointer: coarse) { .a { top: 1px; } } .b { top: 2px; }",
  );
  expect(plain(forShadow("@media (prefers-reduced-motion: reduce) { .a { top: 1px; } }"))).toBe(
    "@media (prefers-reduced-motion: reduce) { .a { top: 1px; } }",
  );
});

/** What stands in a stylesheet as a class; states are said of either. */
function classesOf(path: string): Set<string> {
  const css = readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
  return new Set([...css.matchAll(/\.([a-z][\w-]*)/g)].map(([, name = ""]) => name).filter((one) => !/^is-/.test(one)));
}

test("the classes of the widget are none of the app's, whose styles come into the same root", () => {
  const own = classesOf("./src/widget.css");
  expect(own).toContain("widget-panel");
  const features = "../app/src/";
  const sheets = readdirSync(fileURLToPath(new URL(features, import.meta.url)), { recursive: true, encoding: "utf8" });
  const shared = sheets
    .filter((path) => path.endsWith(".css") && !path.startsWith("frame"))
    .flatMap((path) => [...classesOf(features + path)].filter((one) => own.has(one)).map((one) => `${path}: .${one}`));
  expect(shared).toEqual([]);
});
