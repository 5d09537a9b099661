import type { PlotlyApi } from "plotly.js-cartesian-dist-min";
import { type Figure, isCommon } from "./figure";

/**
 * Plotly writes rules into two style elements, which our policy would empty. It takes those that are there, so they are
 * made beforehand with the page's nonce. The second id belongs to maps, which are not shown: it stays empty.
 */
const STYLES = ["plotly.js-style-global", "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53"];

/** The smallest bundle that draws a figure. Neither needs `unsafe-eval`. */
export async function bundleFor(figure: Figure): Promise<PlotlyApi> {
  for (const id of STYLES) allowStyle(id);
  const { default: Plotly } = await (isCommon(figure)
    ? import("plotly.js-cartesian-dist-min")
    : import("plotly.js-strict-dist-min"));
  return Plotly;
}

function allowStyle(id: string): void {
  if (document.getElementById(id) !== null) return;
  const style = document.createElement("style");
  style.id = id;
  const nonce = document.querySelector<HTMLElement>("script[nonce]")?.nonce;
  if (nonce !== undefined) style.nonce = nonce;
  style.append("");
  document.head.append(style);
}
