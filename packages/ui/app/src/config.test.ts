import { expect, test } from "vitest";
import { readConfig } from "./config";

test("the server's configuration is read", () => {
  expect(
    readConfig(
      '{"root": "/chat/", "name": "Atlas", "env": ["KEY", 1], "keepEnv": "browser", "isDebug": true, "login": true, "history": true, "origins": ["https://a.example", 1], "images": ["*", 1], "html": true}',
    ),
  ).toEqual({
    root: "/chat",
    name: "Atlas",
    env: ["KEY"],
    keepEnv: "browser",
    origins: ["https://a.example"],
    history: true,
    login: true,
    images: ["*"],
    html: true,
    isDebug: true,
  });
});

test.each([null, "", "{{config}}", "[]", "null", '{"root": 1}'])("%j leaves the defaults", (source) => {
  expect(readConfig(source)).toEqual({
    root: "",
    name: "convo",
    env: [],
    keepEnv: "tab",
    origins: [],
    history: false,
    login: false,
    images: [],
    html: false,
    isDebug: false,
  });
});
