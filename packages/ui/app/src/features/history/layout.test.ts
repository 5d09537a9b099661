import { expect, test } from "vitest";
import { between, laidOut } from "./layout";

const SIZES = { name: 40, thread: 30 };

function threads(count: number, name = "t") {
  return Array.from({ length: count }, (_, at) => ({ id: `${name}${at}` }));
}

test("every line stands below the one before it", () => {
  const { lines, height } = laidOut(
    [
      { name: "Today", threads: threads(2, "a") },
      { name: "Yesterday", threads: threads(1, "b") },
    ],
    SIZES,
  );
  expect(lines.map(({ key, top }) => [key, top])).toEqual([
    [": Today", 0],
    ["a0", 40],
    ["a1", 70],
    [": Yesterday", 100],
    ["b0", 140],
  ]);
  expect(height).toBe(170);
});

test("of a thousand threads only those in sight are drawn", () => {
  const { lines, height } = laidOut([{ name: "Today", threads: threads(1000) }], SIZES);
  expect(height).toBe(40 + 30_000);
  expect(between(lines, 0, 100).map(({ key }) => key)).toEqual([": Today", "t0", "t1", "t2"]);
  expect(between(lines, 15_000, 15_060).map(({ key }) => key)).toEqual(["t498", "t499", "t500"]);
  expect(between(lines, 1e9, 2e9).map(({ key }) => key)).toEqual(["t999"]);
  expect(between([], 0, 100)).toEqual([]);
});
