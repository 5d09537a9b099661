import { expect, test } from "vitest";
import { pieces } from "./LongText";

test("pieces are cut at line ends and lose nothing", () => {
  const text = Array.from({ length: 9000 }, (_, index) => `line ${index}`).join("\n");
  expect(pieces(text).length).toBeGreaterThan(2);
  expect(pieces(text).join("\n")).toBe(text);
});

test("a line without an end is cut between characters", () => {
  const text = "😀".repeat(25_001);
  expect(pieces(text).join("")).toBe(text);
  expect(pieces(`x${text}`).every((piece) => !/\p{Surrogate}/u.test(piece))).toBe(true);
});
