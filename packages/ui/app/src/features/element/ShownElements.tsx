import { useElements, useStepFact } from "@convo/react";
import { type JSX, memo } from "react";
import { ElementCard } from "./ElementCard";
import { ElementList } from "./ElementList";
import { opensElsewhere, unmentioned } from "./mention";
import type { ElementView } from "./viewers";
import "./element.css";

export interface ElementsProps {
  readonly stepId: string;
  /** A user has sent them: pictures and sounds are shown, and what is to be read opens beside the chat. */
  readonly areSent?: boolean;
}

/** What is shown with a message or step, below its text; and what the text does not lead to. */
export const ShownElements = memo(function ShownElements({
  stepId,
  areSent = false,
}: ElementsProps): JSX.Element | null {
  const elements = useElements(stepId);
  const linked = elements.filter(opensElsewhere);
  const lost = useStepFact(stepId, (step) =>
    step === undefined || step.isOpen || linked.length === 0
      ? ""
      : unmentioned(step.output, linked)
          .map(({ id }) => id)
          .join(" "),
  ).split(" ");
  const inline = elements.filter((element) => !opensElsewhere(element));
  const cards = [...(areSent ? inline.filter(isToRead) : []), ...linked.filter(({ id }) => lost.includes(id))];
  const shown = areSent ? inline.filter((element) => !isToRead(element)) : inline;
  if (shown.length === 0 && cards.length === 0) return null;
  return (
    <div className="elements">
      <ElementList elements={shown} />
      {cards.length > 0 && (
        <div className="element-cards">
          {cards.map((element) => (
            <ElementCard key={element.id} element={element} />
          ))}
        </div>
      )}
    </div>
  );
});

/** What stands in the way of a chat when a user attaches it: pages of text, tables. */
function isToRead({ type }: ElementView): boolean {
  return !["image", "audio", "video", "file"].includes(type);
}
