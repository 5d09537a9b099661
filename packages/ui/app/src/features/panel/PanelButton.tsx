import { useField } from "@convo/react";
import { type JSX, lazy, Suspense } from "react";

const ReopenButton = lazy(() => import("./ReopenButton").then((module) => ({ default: module.ReopenButton })));

/** In the header, while the app shows something beside the chat. */
export function PanelButton(): JSX.Element | null {
  if (useField("sidebar") == null) return null;
  return (
    <Suspense>
      <ReopenButton />
    </Suspense>
  );
}
