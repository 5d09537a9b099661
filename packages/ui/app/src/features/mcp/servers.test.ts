import { expect, test } from "vitest";
import { serversOf } from "./servers";

test("what a user has added comes after what the app offers; what it offers no more is not there", () => {
  const servers = { files: { own: false }, "tools.example": { own: true }, gone: {} };
  expect(serversOf([{ name: "files", description: "The handbook" }], servers)).toEqual([
    { name: "files", description: "The handbook" },
    { name: "tools.example" },
  ]);
  expect(serversOf([], {})).toEqual([]);
});
