import { expect, test } from "vitest";
import { axisOf, placeOf, ticksOf } from "./axis";

test("bars lie where their time lies, and what goes on ends with the axis", () => {
  const axis = axisOf(1000, 3000, 9000);
  expect(placeOf(axis, 1500, 2000)).toEqual({ from: 25, width: 25 });
  expect(placeOf(axis, 2000, undefined)).toEqual({ from: 50, width: 50 });
  expect(placeOf(axis, undefined, undefined)).toBeUndefined();
});

test("a clock that is wrong puts no bar outside", () => {
  const axis = axisOf(1000, 3000, 0);
  expect(placeOf(axis, 0, 500)).toEqual({ from: 0, width: 0 });
  expect(placeOf(axis, 2000, 99_000)).toEqual({ from: 50, width: 50 });
  expect(placeOf(axis, 2500, 2000)).toEqual({ from: 75, width: 0 });
});

test("the axis of what goes on grows, and that of nothing is there", () => {
  expect(axisOf(1000, undefined, 4000)).toEqual({ start: 1000, span: 3000 });
  expect(axisOf(undefined, undefined, 4000).span).toBe(1);
  expect(axisOf(1000, undefined, 500).span).toBe(1);
});

test("ticks are round and not too many", () => {
  expect(ticksOf(10_000, 4)).toEqual([5000]);
  expect(ticksOf(4300, 4)).toEqual([2000]);
  expect(ticksOf(4800, 5)).toEqual([1000, 2000, 3000, 4000]);
  expect(ticksOf(1, 4).every((tick) => tick < 1)).toBe(true);
});
