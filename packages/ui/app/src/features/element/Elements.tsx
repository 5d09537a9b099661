import { useElements } from "@convo/react";
import { type JSX, Suspense } from "react";
import { later } from "../../ui/later";
import type { ElementsProps } from "./ShownElements";

const ShownElements = later(() => import("./ShownElements").then((module) => module.ShownElements));

/** What is shown with a message or step, below its text. Loaded with the first element. */
export function Elements(props: ElementsProps): JSX.Element | null {
  if (useElements(props.stepId).length === 0) return null;
  return (
    <Suspense>
      <ShownElements {...props} />
    </Suspense>
  );
}
