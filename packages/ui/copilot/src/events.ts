import type { WidgetEvents } from "./contract";

export function tell<N extends keyof WidgetEvents>(name: N, detail: WidgetEvents[N]): void {
  window.dispatchEvent(new CustomEvent(name, { detail }));
}
