import { expect, test } from "vitest";
import { readMessage } from "./messages";

const LIMIT = 1000;
const read = (data: unknown) => readMessage(data, LIMIT);

test("what a component may wish for is taken over, field by field", () => {
  const wish = (inner: object) => ({ kind: "wish", id: 1, wish: inner, more: "is dropped" });
  expect(read(wish({ do: "update", props: { n: 1 }, elementId: "another's" }))).toEqual({
    kind: "wish",
    id: 1,
    wish: { do: "update", props: { n: 1 } },
  });
  expect(read(wish({ do: "act", name: "go", payload: {} }))).toMatchObject({ wish: { do: "act", name: "go" } });
  expect(read(wish({ do: "send", text: "hi" }))).toMatchObject({ wish: { text: "hi" } });
  expect(read(wish({ do: "cancel", askId: "another's" }))).toEqual({ kind: "wish", id: 1, wish: { do: "cancel" } });
});

test("what is malformed is nothing", () => {
  const circle: Record<string, unknown> = {};
  circle.inner = circle;
  const wrong: unknown[] = [
    undefined,
    null,
    "height",
    7,
    [],
    {},
    { kind: "unknown" },
    { kind: "height", height: "9" },
    { kind: "height", height: Number.NaN },
    { kind: "height", height: -1 },
    { kind: "need", part: "../secret" },
    { kind: "need", part: "__proto__" },
    { kind: "sign", name: "../x" },
    { kind: "compiled", compiled: { hash: "a", code: 1, css: "", classes: [] } },
    { kind: "problem", problem: { stage: "never", text: "x" } },
    { kind: "wish", id: 1.5, wish: { do: "remove" } },
    { kind: "wish", id: 1, wish: { do: "message" } },
    { kind: "wish", id: 1, wish: { do: "update", props: [] } },
    { kind: "wish", id: 1, wish: { do: "update", props: circle } },
    { kind: "wish", id: 1, wish: { do: "submit", props: { n: 1n } } },
    { kind: "wish", id: 1, wish: { do: "act", name: "", payload: {} } },
    { kind: "wish", id: 1, wish: { do: "send", text: "  " } },
    { kind: "toast", text: "x", tone: "loud" },
  ];
  for (const data of wrong)
    expect(
      read(data),
      JSON.stringify(data, (key, value) => (key ? String(value) : value)),
    ).toBeUndefined();
});

test("what is larger than the server takes is nothing", () => {
  const wish = (inner: object) => read({ kind: "wish", id: 1, wish: inner });
  expect(wish({ do: "send", text: "ä".repeat(LIMIT / 2) })).toBeDefined();
  expect(wish({ do: "send", text: "ä".repeat(LIMIT / 2 + 1) })).toBeUndefined();
  expect(wish({ do: "update", props: { text: "x".repeat(LIMIT) } })).toBeUndefined();
  expect(read({ kind: "height", height: 1e9 })).toEqual({ kind: "height", height: 20_000 });
});

test("links lead to pages and mail, and to nothing that runs", () => {
  const open = (url: string) => read({ kind: "open", url }) !== undefined;
  expect(["https://a.example/", "http://a.example", "mailto:a@b.example", "tel:+1"].every(open)).toBe(true);
  expect(
    ["javascript:alert(1)", "data:text/html,x", "blob:x", "file:///etc/passwd", "//a.example", ""].some(open),
  ).toBe(false);
});
