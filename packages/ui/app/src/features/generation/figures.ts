import type { Generation } from "@convo/react";
import { strings } from "../../strings";

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
  const number = (count: number | undefined): string | undefined => (count === undefined ? count : words.number(count));
  add(words.model, [provider, model].filter(Boolean).join(" · "));
  add(words.tokensIn, number(inputTokenCount));
  add(words.tokensOut, number(outputTokenCount));
  if (inputTokenCount === undefined || outputTokenCount === undefined) add(words.tokensAll, number(tokenCount));
  add(words.firstToken, ttFirstToken === undefined ? undefined : words.milliseconds(ttFirstToken));
  add(words.duration, duration === undefined ? undefined : words.milliseconds(duration * 1000));
  const speed =
    generation.tokenThroughputInS ?? (duration && outputTokenCount ? outputTokenCount / duration : undefined);
  add(words.speed, speed === undefined ? undefined : words.perSecond(speed));
  add(words.cost, cost === undefined ? undefined : words.dollars(cost));
  return found;
}
