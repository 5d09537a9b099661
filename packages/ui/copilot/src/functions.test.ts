import { expect, test, vi } from "vitest";
import { call } from "./functions";

const run = vi.fn((args: object) => ({ got: args }));
const functions = {
  buy: { args: { item: "string", count: "integer?" }, run },
  parsed: { args: { parse: () => ({ item: "read" }) }, run },
  bare: { run: () => undefined },
  broken: { run: () => Promise.reject(new Error("sold out")) },
} as const;

test("a function gets the arguments it takes, and its value goes back as JSON", async () => {
  expect(await call(functions, "buy", { item: "tea" })).toEqual({ value: { got: { item: "tea" } } });
  expect(await call(functions, "buy", { item: "tea", count: 2 })).toEqual({
    value: { got: { item: "tea", count: 2 } },
  });
  expect(await call(functions, "parsed", { any: "thing" })).toEqual({ value: { got: { item: "read" } } });
  expect(await call(functions, "bare", {})).toEqual({ value: null });
});

test.each([
  ["steal", {}, "This page has no function `steal`."],
  ["toString", {}, "This page has no function `toString`."],
  ["buy", {}, "`item` of `buy` is no string."],
  ["buy", { item: 3 }, "`item` of `buy` is no string."],
  ["buy", { item: "tea", count: 1.5 }, "`count` of `buy` is no integer."],
  ["buy", { item: "tea", price: 0 }, "`buy` takes no `price`."],
  ["bare", { item: "tea" }, "`bare` takes no `item`."],
  ["broken", {}, "sold out"],
])("%s with %j is refused, and says why", async (name, args, error) => {
  run.mockClear();
  expect(await call(functions, name, args)).toEqual({ error });
  expect(run).not.toHaveBeenCalled();
});
