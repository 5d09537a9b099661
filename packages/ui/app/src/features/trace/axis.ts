/** One axis of time for all rows of a trace, in milliseconds. Pure. */
export interface Axis {
  readonly start: number;
  readonly span: number;
}

/** From the first step to the last that is known, or to `now` while something goes on. */
export function axisOf(start: number | undefined, end: number | undefined, now: number): Axis {
  if (start === undefined) return { start: now, span: 1 };
  return { start, span: Math.max(1, (end ?? now) - start) };
}

/** Where a stretch of time lies on the axis, in per cent of it. What goes on ends with the axis. */
export function placeOf(
  axis: Axis,
  start: number | undefined,
  end: number | undefined,
): { readonly from: number; readonly width: number } | undefined {
  if (start === undefined) return undefined;
  const percent = (time: number): number => Math.min(100, Math.max(0, ((time - axis.start) / axis.span) * 100));
  const from = percent(start);
  return { from, width: (end === undefined ? 100 : percent(Math.max(start, end))) - from };
}

/** Round times to mark on the axis, about as many as asked for; the beginning is not among them. */
export function ticksOf(span: number, most: number): number[] {
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((each) => each * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  // The last one needs room for its words.
  for (let at = step; at < span * 0.92; at += step) ticks.push(at);
  return ticks;
}
