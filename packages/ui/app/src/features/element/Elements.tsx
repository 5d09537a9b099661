import { useElements } from "@convo/react";
import { type JSX, memo } from "react";
import { ElementFrame } from "./ElementFrame";
import "./element.css";

/** What is shown with a message or step, below its text. */
export const Elements = memo(function Elements({ stepId }: { stepId: string }): JSX.Element | null {
  const elements = useElements(stepId);
  const inline = elements.filter(({ display }) => display === undefined || display === "inline");
  if (inline.length === 0) return null;
  return (
    <div className="elements">
      {inline.map((element) => (
        <ElementFrame key={element.id} element={element} place="inline" />
      ))}
    </div>
  );
});
