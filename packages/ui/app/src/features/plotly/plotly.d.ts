/** As much of Plotly as is used here. */
declare module "plotly.js-cartesian-dist-min" {
  export interface PlotlyApi {
    react(at: HTMLElement, data: readonly unknown[], layout: object, config: object): Promise<unknown>;
    addFrames(at: HTMLElement, frames: readonly unknown[]): Promise<unknown>;
    purge(at: HTMLElement): void;
  }
  const Plotly: PlotlyApi;
  // biome-ignore lint/style/noDefaultExport: the bundle is one
  export default Plotly;
}

declare module "plotly.js-strict-dist-min" {
  import type { PlotlyApi } from "plotly.js-cartesian-dist-min";

  const Plotly: PlotlyApi;
  // biome-ignore lint/style/noDefaultExport: the bundle is one
  export default Plotly;
}
