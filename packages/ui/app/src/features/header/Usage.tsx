import { useField } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";

/** How many tokens the chat has used, if the app counts them. */
export function Usage(): JSX.Element | null {
  const tokens = useField("usage")?.tokens;
  if (typeof tokens !== "number") return null;
  return <span className="head-usage">{strings.usage({ tokens })}</span>;
}
