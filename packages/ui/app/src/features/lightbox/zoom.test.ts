import { expect, test } from "vitest";
import { enlarged } from "./zoom";

const whole = { scale: 1, x: 0, y: 0 };

test("the point under the pointer stays where it is", () => {
  const view = enlarged(whole, 2, 100, -40);
  expect(view).toEqual({ scale: 2, x: -100, y: 40 });
  // The same point of the picture, before and after.
  expect([(100 - view.x) / view.scale, (-40 - view.y) / view.scale]).toEqual([100, -40]);
});

test("a picture is never smaller than whole, and then in the middle; nor larger than eight times", () => {
  expect(enlarged({ scale: 2, x: 30, y: 9 }, 0.1, 5, 5)).toEqual(whole);
  expect(enlarged(whole, 100, 0, 0).scale).toBe(8);
});
