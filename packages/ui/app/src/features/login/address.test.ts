import { expect, test } from "vitest";
import { nextOf, problemIn, providerAddress } from "./address";

test("who signs in comes back to where he was", () => {
  expect(nextOf({ pathname: "/thread/7", search: "?a=1" })).toBe("/thread/7?a=1");
  expect(nextOf({ pathname: "/login", search: "?next=%2Fthread%2F7" })).toBe("/thread/7");
  expect(providerAddress("auth/oauth/github", { pathname: "/", search: "" })).toBe("/auth/oauth/github?next=%2F");
});

test("what went wrong on the way back is told, and not taken along", () => {
  const place = { pathname: "/", search: "?came=back&error=access_denied" };
  expect(problemIn(place)).toBe("access_denied");
  expect(nextOf(place)).toBe("/?came=back");
});

test.each([
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "\t//evil.example",
  "/\r\\evil.example",
  "javascript:alert(1)",
  "/login",
  "",
])("nobody is sent to %j", (next) => {
  expect(nextOf({ pathname: "/login", search: `?${new URLSearchParams({ next })}` })).toBe("/");
});
