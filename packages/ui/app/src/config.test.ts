import { expect, test } from "vitest";
import { readConfig } from "./config";

const DEFAULTS = {
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
  language: "en",
  words: {},
  theme: "system",
  logo: { light: "", dark: "" },
  loginImage: "",
  isSidebarOpen: true,
  looks: "",
};

test("the server's configuration is read", () => {
  expect(
    readConfig(
      '{"root": "/chat/", "name": "Atlas", "env": ["KEY", 1], "keepEnv": "browser", "isDebug": true, "login": true, "history": true, "origins": ["https://a.example", 1], "images": ["*", 1], "html": true}',
    ),
  ).toEqual({
    ...DEFAULTS,
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
  expect(readConfig(source)).toEqual(DEFAULTS);
});
