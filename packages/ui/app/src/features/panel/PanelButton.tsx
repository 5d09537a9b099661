import { useField } from "@convo/react";
import { type JSX, Suspense } from "react";
import { later } from "../../ui/later";

const ReopenButton = later(() => import("./ReopenButton").then((module) => module.ReopenButton));

/** In the header, while the app shows something beside the chat. */
export function PanelButton(): JSX.Element | null {
  if (useField("sidebar") == null) return null;
  return (
    <Suspense>
      <ReopenButton />
    </Suspense>
  );
}
