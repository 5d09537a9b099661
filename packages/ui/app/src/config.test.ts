import { expect, test } from "vitest";
import { readConfig } from "./config";

test("the server's configuration is read", () => {
  expect(readConfig('{"root": "/chat/", "name": "Atlas"}')).toEqual({ root: "/chat", name: "Atlas" });
});

test.each([null, "", "{{config}}", "[]", "null", '{"root": 1}'])("%j leaves the defaults", (source) => {
  expect(readConfig(source)).toEqual({ root: "", name: "convo" });
});
