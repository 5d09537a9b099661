import type { PlotlyApi } from "plotly.js-cartesian-dist-min";
import { part } from "../../ui/part";
import { surface } from "../../ui/surface";
import { type Figure, isCommon } from "./figure";

/**
 * Plotly writes rules into two style elements, which our policy would empty. It takes those that are there, so they are
 * made beforehand with the page's nonce. The second id belongs to maps, which are not shown: it stays empty.
 */
const STYLES = ["plotly.js-style-global", "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53"];

const cartesian = part(() => import("plotly.js-cartesian-dist-min"));
const strict = part(() => import("plotly.js-strict-dist-min"));

/** The smallest bundle that draws a figure. Neither needs `unsafe-eval`. */
export async function bundleFor(figure: Figure): Promise<PlotlyApi> {
  const made = STYLES.flatMap((id) => allowStyle(id) ?? []);
  const { default: Plotly } = await (isCommon(figure) ? cartesian() : strict());
  if (!surface.isPage) moveStyles(made);
  return Plotly;
}

/** What Plotly wrote when it was loaded, which it does once. */
const written: CSSStyleSheet[] = [];

/** In a widget the rules belong where the figures are. The page around it keeps only what was its own. */
function moveStyles(made: readonly HTMLStyleElement[]): void {
  for (const id of STYLES) {
    const found = document.getElementById(id);
    const rules = found instanceof HTMLStyleElement ? [...(found.sheet?.cssRules ?? [])] : [];
    if (rules.length === 0) continue;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules.map(({ cssText }) => cssText).join("\n"));
    written.push(sheet);
  }
  for (const style of made) style.remove();
  const { adoptedStyleSheets } = surface.root;
  for (const sheet of written) if (!adoptedStyleSheets.includes(sheet)) adoptedStyleSheets.unshift(sheet);
}

/** The element, if it was not there. */
function allowStyle(id: string): HTMLStyleElement | undefined {
  if (document.getElementById(id) !== null) return undefined;
  const style = document.createElement("style");
  style.id = id;
  const nonce = document.querySelector<HTMLElement>("script[nonce]")?.nonce;
  if (nonce !== undefined) style.nonce = nonce;
  style.append("");
  document.head.append(style);
  return style;
}
