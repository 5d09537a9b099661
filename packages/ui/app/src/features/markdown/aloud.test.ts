import { expect, test } from "vitest";
import { aloud } from "./aloud";

test.each([
  ["What is **your** name, and `why`?", "What is your name, and why?"],
  ["See [the list](https://x.y) and ![a cat](cat.png).", "See the list and a cat."],
  ['A [link](https://x.y "title")!', "A link!"],
  ["## Two parts\n- one\n- two\n1. three", "Two parts one two three"],
  ["Use `snake_case_name` or _this_ one", "Use snake_case_name or this one"],
  ["before\n```py\nx = 1\n```\nafter", "before after"],
  ["half ```py\nx", "half"],
  ["2 < 3 ~ 4", "2 < 3 ~ 4"],
])("%j is read as %j", (text, read) => {
  expect(aloud(text)).toBe(read);
});
