import { useField } from "@convo/react";
import { type JSX, lazy, Suspense, useSyncExternalStore } from "react";
import { onPanelChoice, panelChoice } from "./choice";

const Panel = lazy(() => import("./Panel").then((module) => ({ default: module.Panel })));

/** The panel beside the chat, once there is something in it. */
export function PanelPlace(): JSX.Element | null {
  const choice = useSyncExternalStore(onPanelChoice, panelChoice);
  const isAppsOpen = useField("sidebar") != null;
  if (choice.element === undefined && !isAppsOpen) return null;
  return (
    <Suspense>
      <Panel />
    </Suspense>
  );
}
