import { expect, test } from "vitest";
import { reasonOf, signInAddress, statusOf } from "./status";

test("a server that is not there says why, one that is says nothing", () => {
  expect(statusOf("failed")).toBe("Not connected");
  expect(reasonOf({ state: "failed", reason: "not-started" })).toBe("The server could not be started.");
  expect(reasonOf({ state: "connected" })).toBeUndefined();
  expect(reasonOf(undefined)).toBeUndefined();
});

test("a server that a user signs in at says so, and has a route that leads there", () => {
  expect(statusOf("needs-sign-in")).toBe("Needs you to sign in");
  expect(reasonOf({ state: "needs-sign-in", reason: "signed-out" })).toContain("Sign in again");
  expect(signInAddress("a/b", "thr?1")).toMatch(/\/mcp\/a%2Fb\/sign-in\?thread=thr%3F1$/);
});

test("a reason of a later version has words, too", () => {
  expect(reasonOf({ state: "failed", reason: "too-hot" as "lost" })).toBe("The connection failed.");
});
