import type { TraceNode } from "@convo/react";
import type { JSX } from "react";
import { Icon } from "../../ui/Icon";
import { StepSign } from "../step/StepRow";
import { nameOf, typeName } from "./facts";

/** How a step stands in the tree: its status, name and kind. */
export function StepName({ node }: { node: TraceNode }): JSX.Element {
  const { step, status } = node;
  return (
    <>
      <StepSign status={status} />
      <Icon name={step.icon} small />
      <b>{nameOf(node)}</b>
      <span className="traced-kind">{step.generation?.model ?? typeName(step.type)}</span>
    </>
  );
}
