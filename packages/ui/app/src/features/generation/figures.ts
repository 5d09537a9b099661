import type { Generation } from "@convo/react";
import { formatDollars, formatNumber } from "../../language/format";
import { strings } from "../../strings";

const ONE_DIGIT = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
const NO_DIGITS = { maximumFractionDigits: 0 };

export interface Figure {
  readonly name: string;
  readonly value: string;
}

/** What is known of a generation in figures, in the order to read them; what can be reckoned from others is. */
export function figures(generation: Generation): Figure[] {
  const words = strings.generation;
  const { provider, model, inputTokenCount, outputTokenCount, tokenCount, ttFirstToken, duration, cost } = generation;
  const found: Figure[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== "") found.push({ name, value });
  };
  const number = (count: number | undefined): string | undefined => (count === undefined ? count : formatNumber(count));
  add(words.model, [provider, model].filter(Boolean).join(" · "));
  add(words.tokensIn, number(inputTokenCount));
  add(words.tokensOut, number(outputTokenCount));
  if (inputTokenCount === undefined || outputTokenCount === undefined) add(words.tokensAll, number(tokenCount));
  add(words.firstToken, ttFirstToken === undefined ? undefined : formatTime(ttFirstToken));
  add(words.duration, duration === undefined ? undefined : formatTime(duration * 1000));
  const speed =
    generation.tokenThroughputInS ?? (duration && outputTokenCount ? outputTokenCount / duration : undefined);
  add(
    words.speed,
    speed === undefined
      ? undefined
      : words.perSecond({ count: formatNumber(speed, speed < 10 ? ONE_DIGIT : NO_DIGITS) }),
  );
  add(words.cost, cost === undefined ? undefined : formatDollars(cost));
  return found;
}

/** `412 ms`, `1.60 s`, `12.4 s`. */
export function formatTime(milliseconds: number): string {
  if (milliseconds < 1000) {
    return formatNumber(milliseconds, { style: "unit", unit: "millisecond", maximumFractionDigits: 0 });
  }
  const digits = milliseconds < 10_000 ? 2 : 1;
  const value = formatNumber(milliseconds / 1000, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return strings.duration.seconds({ value });
}
