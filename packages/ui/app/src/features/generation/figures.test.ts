import { expect, test } from "vitest";
import { figures } from "./figures";

test("figures are those that are known, and the speed is reckoned", () => {
  const shown = figures({
    provider: "openai",
    model: "gpt-4o",
    inputTokenCount: 1204,
    outputTokenCount: 80,
    tokenCount: 1284,
    ttFirstToken: 412.3,
    duration: 1.6,
    cost: 0.00421,
  });
  expect(Object.fromEntries(shown.map(({ name, value }) => [name, value]))).toEqual({
    Model: "openai · gpt-4o",
    "Tokens in": "1,204",
    "Tokens out": "80",
    "First token": "412 ms",
    Duration: "1.60 s",
    Speed: "50 tokens/s",
    Cost: "$0.0042",
  });
});

test("of nothing there is nothing to show", () => {
  expect(figures({})).toEqual([]);
  expect(figures({ tokenCount: 7, duration: 0, outputTokenCount: 0 }).map(({ name }) => name)).toEqual([
    "Tokens out",
    "Tokens",
    "Duration",
  ]);
});
