import type { Element as ElementView } from "@convo/react";
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { FileViewer } from "./FileViewer";
import { ImageViewer } from "./ImageViewer";

export type { ElementView };

/** Where an element is shown: below its message, in the panel, or on a page of its own. */
export type Place = "inline" | "side" | "page";

export interface ViewerProps {
  readonly element: ElementView;
  /** Where its content is read, if it has any: of our own server, or an address that is safe to load. */
  readonly url: string | undefined;
  readonly place: Place;
}

export type Viewer = ComponentType<ViewerProps>;

/** What shows each type of element; loaded when the first of its type is shown. One line each. */
const viewers: Readonly<Record<string, () => Promise<Viewer>>> = {
  text: () => import("./TextViewer").then((module) => module.TextViewer),
  audio: () => import("./AudioViewer").then((module) => module.AudioViewer),
  video: () => import("../video/VideoViewer").then((module) => module.VideoViewer),
  tasklist: () => import("../task/TaskListViewer").then((module) => module.TaskListViewer),
  pdf: () => import("../pdf/PdfViewer").then((module) => module.PdfViewer),
  plotly: () => import("../plotly/PlotlyViewer").then((module) => module.PlotlyViewer),
  dataframe: () => import("../dataframe/DataframeViewer").then((module) => module.DataframeViewer),
  custom: () => import("../custom/CustomViewer").then((module) => module.CustomViewer),
};

/** The small ones, which are there at once. */
const small: Readonly<Record<string, Viewer>> = { image: ImageViewer, file: FileViewer };

const loaded = new Map<string, LazyExoticComponent<Viewer>>();

/** The viewer of a type; nothing for one that this app does not know. */
export function viewerOf(type: string): Viewer | LazyExoticComponent<Viewer> | undefined {
  if (Object.hasOwn(small, type)) return small[type];
  if (!Object.hasOwn(viewers, type)) return undefined;
  const load = viewers[type];
  if (load === undefined) return undefined;
  const known = loaded.get(type) ?? lazy(() => load().then((viewer) => ({ default: viewer })));
  loaded.set(type, known);
  return known;
}

/** Load it anew the next time: what failed once, as a network does, may work then. */
export function forgetViewer(type: string): void {
  loaded.delete(type);
}
