import { useField } from "@convo/react";
import { type JSX, Suspense, useSyncExternalStore } from "react";
import { later } from "../../ui/later";
import { useOpenTrace } from "../trace/open";
import { onPanelChoice, panelChoice } from "./choice";

const Panel = later(() => import("./Panel").then((module) => module.Panel));

const TracePanel = later(() => import("../trace/TracePanel").then((module) => module.TracePanel));

/** The panel beside the chat, once there is something in it; a trace stands before what was there. */
export function PanelPlace(): JSX.Element | null {
  const choice = useSyncExternalStore(onPanelChoice, panelChoice);
  const isAppsOpen = useField("sidebar") != null;
  const trace = useOpenTrace();
  if (trace !== undefined) {
    return (
      <Suspense>
        <TracePanel key={trace.runId} runId={trace.runId} />
      </Suspense>
    );
  }
  if (choice.element === undefined && !isAppsOpen) return null;
  return (
    <Suspense>
      <Panel />
    </Suspense>
  );
}
