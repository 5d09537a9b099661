import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { part } from "./part";

/** Milliseconds after which the page has time to get what may be wanted when the network is gone. */
const CALM = 1500;

/** A component whose module is loaded when it is first shown, or ahead of that. Suspends until it is there. */
export type Later<P> = LazyExoticComponent<ComponentType<P>> & { load(): void };

/** The component that `load` imports. One that does not come is waited for: see `part`. */
export function later<P>(load: () => Promise<ComponentType<P>>): Later<P> {
  const wanted = part(load);
  const shown = lazy(() => wanted().then((component) => ({ default: component })));
  return Object.assign(shown, { load: () => void wanted().catch(() => undefined) }); // whoever shows it sees the error
}

/** Loads what may be wanted when the network is gone, once the page has time for it. Returns how to leave that. */
export function loadAhead(...components: readonly { load(): void }[]): () => void {
  const timer = setTimeout(() => {
    for (const component of components) component.load();
  }, CALM);
  return () => clearTimeout(timer);
}
