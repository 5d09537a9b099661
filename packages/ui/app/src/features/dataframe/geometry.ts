/** What is in sight of a large sheet, in pixels and numbers. Pure. */

/** Browsers draw no higher than this, so that longer sheets are scrolled in a smaller measure. */
const HIGHEST = 8_000_000;

export interface Rows {
  readonly count: number;
  readonly height: number;
  /** Of what shows them. */
  readonly room: number;
}

/** How high what is scrolled must be. */
export function scrolledHeight({ count, height }: Rows): number {
  return Math.min(count * height, HIGHEST);
}

/** Pixels of the sheet for each pixel scrolled: 1, until it is too high. */
function measure(rows: Rows): number {
  const whole = rows.count * rows.height;
  return whole <= HIGHEST ? 1 : (whole - rows.room) / (HIGHEST - rows.room);
}

/** The first row in sight, the one after the last, and where a row stands in what is scrolled. */
export function rowsInSight(rows: Rows, top: number): { from: number; to: number; topOf: (row: number) => number } {
  const at = top * measure(rows);
  const from = Math.min(Math.max(0, Math.floor(at / rows.height)), Math.max(0, rows.count - 1));
  const to = Math.min(rows.count, Math.ceil((at + rows.room) / rows.height) + 1);
  return { from, to, topOf: (row) => row * rows.height - at + top };
}

/** Where to scroll so that a row is in sight; where it is already, if it is. */
export function topToShow(rows: Rows, top: number, row: number): number {
  const scale = measure(rows);
  const at = top * scale;
  const start = row * rows.height;
  if (start < at) return start / scale;
  return start + rows.height > at + rows.room ? (start + rows.height - rows.room) / scale : top;
}

/** Where each column begins, and where the last ends. What is left of the room is shared out. */
export function columnStarts(widths: readonly number[], room: number): number[] {
  const total = widths.reduce((sum, width) => sum + width, 0);
  const share = widths.length === 0 ? 0 : Math.max(0, room - total) / widths.length;
  const starts = [0];
  for (const width of widths) starts.push((starts.at(-1) ?? 0) + width + share);
  return starts;
}

/** The first column in sight, and the one after the last. */
export function columnsInSight(starts: readonly number[], left: number, room: number): { first: number; end: number } {
  const last = starts.length - 1;
  let first = 0;
  while (first < last - 1 && (starts[first + 1] ?? 0) <= left) first++;
  let end = first;
  while (end < last && (starts[end] ?? 0) < left + room) end++;
  return { first, end };
}

/** Where to scroll so that a column is in sight. */
export function leftToShow(starts: readonly number[], left: number, room: number, column: number): number {
  const start = starts[column] ?? 0;
  const end = starts[column + 1] ?? start;
  if (start < left) return start;
  return end > left + room ? Math.min(start, end - room) : left;
}
