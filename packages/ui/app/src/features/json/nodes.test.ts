import { expect, test } from "vitest";
import { find, idOf, PAGE, pathText, type Range, revealed, rowsOf, unfoldedAtFirst } from "./nodes";

const none = { open: new Set<string>(), ranges: new Map<string, Range>() };

test("a folded tree is one row, an unfolded one shows what is in it", () => {
  const value = { a: 1, b: { c: [true] } };
  expect(rowsOf(value, none)).toHaveLength(1);
  const open = new Set([idOf([]), idOf(["b"])]);
  expect(rowsOf(value, { ...none, open }).map((row) => pathText(row.path))).toEqual(["$", "$.a", "$.b", "$.b.c"]);
});

test("a long list shows a page and how much is left, whatever its length", () => {
  const value = Array.from({ length: 1_000_000 }, (_, index) => index);
  const rows = rowsOf(value, { ...none, open: new Set([idOf([])]) });
  expect(rows).toHaveLength(PAGE + 2);
  expect(rows.at(-1)).toMatchObject({ kind: "more", left: 1_000_000 - PAGE, size: 1_000_000 });
});

test("a small value appears unfolded, a large one as far as a screen goes", () => {
  expect(unfoldedAtFirst({ a: { b: { c: 1 } } }).size).toBe(3);
  const wide = { items: Array.from({ length: 500 }, () => ({ x: 1 })) };
  expect([...unfoldedAtFirst(wide)]).toEqual([idOf([])]);
});

test("what is searched for is found by key and by value, and can be revealed beyond the first page", () => {
  const value = { list: Array.from({ length: 500 }, (_, index) => ({ name: `item ${index}` })), Needle: null };
  expect(find(value, "needle", 9).map(pathText)).toEqual(["$.Needle"]);
  const [path = []] = find(value, "ITEM 431", 9);
  expect(pathText(path)).toBe("$.list[431].name");
  const rows = rowsOf(value, revealed(none, value, path));
  expect(rows.map((row) => row.id)).toContain(idOf(path));
  expect(rows.filter((row) => row.kind === "more").map((row) => row.left)).toEqual([400]);
  expect(rows.length).toBeLessThan(2 * PAGE);
});

test("a search ends, in its hits and in what it looks at", () => {
  const value = Array.from({ length: 1_000_000 }, () => "same");
  expect(find(value, "same", 200)).toHaveLength(200);
  expect(find(value, "absent", 200)).toEqual([]);
});

test("paths read as code", () => {
  expect(pathText(["a b", 0, "c", '"'])).toBe('$["a b"][0].c["\\""]');
});
