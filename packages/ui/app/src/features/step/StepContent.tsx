import { type StepView, useElements } from "@convo/react";
import { type JSX, memo } from "react";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { part } from "../../ui/part";
import { useModule } from "../../ui/useModule";
import { Elements } from "../element/Elements";
import { MentionScope } from "../element/MentionScope";
import { hasOwnCopy, StepValue } from "./StepValue";

const details = part(() => import("../generation/GenerationDetails"));

/** What went into a step, what came out of it, and what a model had to do with it. */
export const StepContent = memo(function StepContent({ step }: { step: StepView }): JSX.Element {
  const hasElements = useElements(step.id).length > 0;
  const isOpen = step.isOpen;
  const input = step.showInput ? step.input : "";
  const { output, generation } = step;
  const inputLanguage = typeof step.showInput === "string" ? step.showInput : "text";
  const module = useModule(details, generation !== undefined);
  if (input === "" && output === "" && !hasElements && generation === undefined)
    return <p className="step-none">{isOpen ? strings.steps.nothingYet : strings.steps.none}</p>;
  return (
    <MentionScope stepId={step.id}>
      {input !== "" && (
        <Part kind="input" text={input} language={inputLanguage} isProse={false} isOpen={isOpen && output === ""} />
      )}
      {output !== "" && (
        <Part
          kind={step.isError ? "error" : "output"}
          text={output}
          language={step.isError ? "text" : (step.language ?? undefined)}
          isProse={step.type === "llm" || step.isMessage}
          isOpen={isOpen}
          isBad={step.isError === true}
        />
      )}
      {hasElements && <Elements stepId={step.id} />}
      {generation && module && <module.GenerationDetails generation={generation} />}
    </MentionScope>
  );
});

interface PartProps {
  readonly kind: "input" | "output" | "error";
  readonly text: string;
  readonly language: string | undefined;
  readonly isProse: boolean;
  readonly isOpen: boolean;
  readonly isBad?: boolean;
}

function Part({ kind, text, language, isProse, isOpen, isBad = false }: PartProps): JSX.Element {
  const title = strings.steps[kind];
  return (
    <section className={isBad ? "step-part is-bad" : "step-part"}>
      <div className="step-part-head">
        <h3>{title}</h3>
        {!hasOwnCopy(text, language, isProse, isOpen) && (
          <CopyButton text={() => text} label={strings.steps.copyOf[kind]} done={strings.code.copied} />
        )}
      </div>
      <StepValue text={text} language={language} label={title} isProse={isProse} isOpen={isOpen} />
    </section>
  );
}
