/** A figure of Plotly as it comes: its own JSON, of which this much is looked at. */
export interface Figure {
  readonly data: readonly Trace[];
  readonly layout: Layout;
  readonly frames?: readonly unknown[];
}

export type Trace = Readonly<Record<string, unknown>>;
export type Layout = Readonly<Record<string, unknown>>;

/** What the small bundle draws; all others need the large one. */
const COMMON: ReadonlySet<string> = new Set([
  "bar",
  "box",
  "contour",
  "heatmap",
  "histogram",
  "histogram2d",
  "histogram2dcontour",
  "image",
  "pie",
  "scatter",
  "scatterternary",
  "violin",
]);
/** These draw on maps, which only other hosts have. */
const MAPS = /^(scattergeo|choropleth|.*map|.*mapbox)$/;
const NOT_MAPS: ReadonlySet<string> = new Set(["heatmap", "treemap"]);

export function readFigure(parsed: unknown): Figure {
  const { data, layout, frames } = (parsed ?? {}) as Readonly<Record<string, unknown>>;
  if (!Array.isArray(data)) throw new Error("A figure has `data`.");
  const isLayout = typeof layout === "object" && layout !== null && !Array.isArray(layout);
  return {
    data: data.filter((trace): trace is Trace => typeof trace === "object" && trace !== null),
    layout: isLayout ? (layout as Layout) : {},
    ...(Array.isArray(frames) && frames.length > 0 && { frames }),
  };
}

export function typeOf(trace: Trace): string {
  return typeof trace.type === "string" ? trace.type : "scatter";
}

export function isCommon({ data }: Figure): boolean {
  return data.every((trace) => COMMON.has(typeOf(trace)));
}

export function needsMap({ data }: Figure): boolean {
  return data.some((trace) => MAPS.test(typeOf(trace)) && !NOT_MAPS.has(typeOf(trace)));
}

/** What stands above it, without its markup. */
export function titleOf({ layout }: Figure): string {
  const title = textOf(layout.title);
  return title
    .replace(/<br\s*\/?>/gi, " ")
    .replace(/<[^>]*>/g, "")
    .trim();
}

/** The text of a title, which comes bare or in an object. */
export function textOf(title: unknown): string {
  if (typeof title === "string") return title;
  const text = (title as { readonly text?: unknown } | undefined)?.text;
  return typeof text === "string" ? text : "";
}

/** The values of a trace in words: a list for each of its names. */
export interface Series {
  readonly name: string;
  readonly type: string;
  readonly columns: readonly { readonly name: string; readonly values: readonly unknown[] }[];
}

const AXES = ["labels", "x", "y", "z", "values", "r", "theta", "open", "high", "low", "close"] as const;

/** What a figure says to those who do not see it. */
export function seriesOf({ data, layout }: Figure): Series[] {
  return data.map((trace) => ({
    name: typeof trace.name === "string" ? trace.name : "",
    type: typeOf(trace),
    columns: AXES.flatMap((axis) => {
      const values = valuesOf(trace[axis]);
      if (values === undefined) return [];
      const title = axis === "x" || axis === "y" ? textOf((layout[`${axis}axis`] as Layout | undefined)?.title) : "";
      return [{ name: title || axis, values }];
    }),
  }));
}

const ARRAYS: Readonly<Record<string, (buffer: ArrayBuffer) => ArrayLike<number>>> = {
  f8: (buffer) => new Float64Array(buffer),
  f4: (buffer) => new Float32Array(buffer),
  i4: (buffer) => new Int32Array(buffer),
  u4: (buffer) => new Uint32Array(buffer),
  i2: (buffer) => new Int16Array(buffer),
  u2: (buffer) => new Uint16Array(buffer),
  i1: (buffer) => new Int8Array(buffer),
  u1: (buffer) => new Uint8Array(buffer),
};

/** A list, or numbers as Plotly packs them; of rows, nothing. */
function valuesOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value.some(Array.isArray) ? undefined : value;
  const { dtype, bdata, shape } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof dtype !== "string" || typeof bdata !== "string" || shape !== undefined) return undefined;
  const bytes = Uint8Array.from(atob(bdata), (character) => character.charCodeAt(0));
  const read = Object.hasOwn(ARRAYS, dtype) ? ARRAYS[dtype] : undefined;
  return read && Array.from(read(bytes.buffer));
}
