import { surface } from "../../ui/surface";
import { type Figure, type Layout, textOf } from "./figure";

/** Distinct for most eyes, on light and on dark. */
const COLOURS = [
  "#4f6bd8",
  "#e07b39",
  "#2f9e77",
  "#c4568f",
  "#b8922e",
  "#3a9bc1",
  "#8a63d2",
  "#d1585a",
  "#7a8b3c",
  "#7d8594",
];
/** Below this width the tools need a line of their own, above the title. */
const NARROW = 480;
const TOOLS = 44;
const BELOW_TOOLS = { y: 1, yref: "container", yanchor: "top", pad: { t: TOOLS + 12 } };
/** plotly.py gives this to every figure whose author chose nothing. */
const DEFAULT_PLOT = "#E5ECF6";

/** A figure's layout and settings in our looks, where its author chose none. It is as wide as its room. */
export function dressed(
  { layout }: Figure,
  room: { readonly width: number; readonly height: number },
): { layout: Layout; config: object } {
  const isOurs = isPlain(layout.template);
  const title = typeof layout.title === "string" ? { text: layout.title } : (layout.title as object | undefined);
  const hasLine = room.width < NARROW && textOf(layout.title) !== "";
  return {
    layout: {
      margin: { l: 56, r: 24, t: hasLine ? TOOLS + 48 : 56, b: 48 },
      ...layout,
      ...(hasLine && { title: { ...BELOW_TOOLS, ...title } }),
      width: room.width,
      height: typeof layout.height === "number" ? layout.height : room.height,
      ...(isOurs && {
        template: ourTemplate(layout.template),
        modebar: { ...ourBar(), ...(layout.modebar as object) },
      }),
    },
    config: {
      displaylogo: false,
      displayModeBar: true,
      modeBarButtonsToRemove: ["lasso2d", "select2d", "sendChartToCloud"], // the last asks another host
      toImageButtonOptions: { format: "png", scale: 2 },
      showTips: false,
    },
  };
}

function ourBar(): object {
  return { bgcolor: "rgba(0,0,0,0)", color: colour("--ink-3"), activecolor: colour("--accent") };
}

/** Whether an author left the looks to us. */
function isPlain(template: unknown): boolean {
  const layout = (template as { readonly layout?: Layout } | undefined)?.layout;
  return layout === undefined || layout.plot_bgcolor === DEFAULT_PLOT;
}

function ourTemplate(given: unknown): object {
  const template = (given ?? {}) as { readonly layout?: Layout; readonly data?: object };
  const ink = colour("--ink-2");
  const line = colour("--line");
  const none = "rgba(0,0,0,0)";
  const axis = { gridcolor: line, linecolor: line, zerolinecolor: colour("--line-strong"), automargin: true };
  const scene = { ...axis, backgroundcolor: none, showbackground: false };
  return {
    layout: {
      ...template.layout,
      paper_bgcolor: none,
      plot_bgcolor: none,
      colorway: COLOURS,
      font: { color: ink, family: style().fontFamily, size: 12 },
      title: { x: 0, xanchor: "left", xref: "paper", font: { color: colour("--ink"), size: 15 } },
      xaxis: axis,
      yaxis: axis,
      polar: { bgcolor: none, angularaxis: axis, radialaxis: axis },
      ternary: { bgcolor: none, aaxis: axis, baxis: axis, caxis: axis },
      scene: { xaxis: scene, yaxis: scene, zaxis: scene },
      hoverlabel: { bgcolor: colour("--bg"), bordercolor: line, font: { color: colour("--ink") } },
    },
    data: {
      bar: [{ marker: { line: { width: 0 } } }],
      pie: [{ marker: { line: { color: colour("--bg"), width: 1 } } }],
    },
  };
}

function style(): CSSStyleDeclaration {
  return getComputedStyle(surface.frame);
}

const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** A token's colour as every library reads it. */
function colour(token: string): string {
  if (brush === null) return "#808080";
  brush.clearRect(0, 0, 1, 1);
  brush.fillStyle = style().getPropertyValue(token).trim();
  brush.fillRect(0, 0, 1, 1);
  const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
  return `rgb(${red},${green},${blue})`;
}
