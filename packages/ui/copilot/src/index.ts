export type {
  ArgumentType,
  Display,
  PageFunction,
  Theme,
  Widget,
  WidgetDetail,
  WidgetEvents,
  WidgetOptions,
} from "./contract";
export { type MountOptions, mountConvoWidget } from "./loader";
