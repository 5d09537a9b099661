import type { Element as ElementView } from "@convo/react";
import type { ComponentType } from "react";
import { type Later, later } from "../../ui/later";
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
const viewers: Readonly<Record<string, Later<ViewerProps>>> = {
  text: later(() => import("./TextViewer").then((module) => module.TextViewer)),
  audio: later(() => import("./AudioViewer").then((module) => module.AudioViewer)),
  video: later(() => import("../video/VideoViewer").then((module) => module.VideoViewer)),
  tasklist: later(() => import("../task/TaskListViewer").then((module) => module.TaskListViewer)),
  pdf: later(() => import("../pdf/PdfViewer").then((module) => module.PdfViewer)),
  plotly: later(() => import("../plotly/PlotlyViewer").then((module) => module.PlotlyViewer)),
  dataframe: later(() => import("../dataframe/DataframeViewer").then((module) => module.DataframeViewer)),
  custom: later(() => import("../custom/CustomViewer").then((module) => module.CustomViewer)),
};

/** The small ones, which are there at once. */
const small: Readonly<Record<string, Viewer>> = { image: ImageViewer, file: FileViewer };

/** The viewer of a type; nothing for one that this app does not know. */
export function viewerOf(type: string): Viewer | Later<ViewerProps> | undefined {
  if (Object.hasOwn(small, type)) return small[type];
  return Object.hasOwn(viewers, type) ? viewers[type] : undefined;
}
