import { expect, test } from "vitest";
import { grouped, untilMidnight } from "./groups";

const NOW = new Date(2026, 10, 26, 0, 30);

function thread(id: string, changed: Date) {
  return { id, changedAt: changed.toISOString() };
}

test("threads stand under the day, the week or the month in which they last changed", () => {
  const groups = grouped(
    [thread("pinned", new Date(2025, 0, 1))],
    [
      thread("ahead", new Date(2026, 10, 27, 9)),
      thread("now", NOW),
      thread("an hour ago", new Date(2026, 10, 25, 23, 30)),
      thread("two days ago", new Date(2026, 10, 24)),
      thread("a week ago", new Date(2026, 10, 19, 1)),
      thread("eight days ago", new Date(2026, 10, 18, 23)),
      thread("thirty days ago", new Date(2026, 9, 27)),
      thread("in October", new Date(2026, 9, 26)),
      thread("a year ago", new Date(2025, 9, 26)),
    ],
    NOW,
  );
  expect(groups.map(({ name, threads }) => [name, ...threads.map(({ id }) => id)])).toEqual([
    ["Pinned", "pinned"],
    ["Today", "ahead", "now"],
    ["Yesterday", "an hour ago"],
    ["Previous 7 days", "two days ago", "a week ago"],
    ["Previous 30 days", "eight days ago", "thirty days ago"],
    ["October 2026", "in October"],
    ["October 2025", "a year ago"],
  ]);
});

test("the groups are others at midnight", () => {
  expect(untilMidnight(NOW)).toBe(23.5 * 3_600_000);
});
