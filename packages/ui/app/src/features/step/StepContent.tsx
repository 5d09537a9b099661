import { useElements } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { CodeBlock } from "../code/CodeBlock";
import { Elements } from "../element/Elements";
import { MentionScope } from "../element/MentionScope";
import { Markdown } from "../markdown/Markdown";
import { prettyJson } from "./glimpse";

interface StepContentProps {
  readonly id: string;
  readonly input: string;
  readonly output: string;
  readonly type: string;
  readonly inputLanguage: string | undefined;
  readonly language: string | undefined;
  readonly isOpen: boolean;
}

/** What went into a step and what came out of it. */
export function StepContent({
  id,
  input,
  output,
  type,
  inputLanguage,
  language,
  isOpen,
}: StepContentProps): JSX.Element {
  const hasElements = useElements(id).length > 0;
  if (input === "" && output === "" && !hasElements) return <p className="step-none">{strings.steps.none}</p>;
  return (
    <MentionScope stepId={id}>
      {input !== "" && (
        <section>
          <h3>{strings.steps.input}</h3>
          <Text text={input} language={inputLanguage} isMarkdown={false} isOpen={isOpen && output === ""} />
        </section>
      )}
      {output !== "" && (
        <section>
          <h3>{strings.steps.output}</h3>
          <Text text={output} language={language} isMarkdown={type === "llm"} isOpen={isOpen} />
        </section>
      )}
      {hasElements && <Elements stepId={id} />}
    </MentionScope>
  );
}

interface TextProps {
  readonly text: string;
  readonly language: string | undefined;
  readonly isMarkdown: boolean;
  readonly isOpen: boolean;
}

function Text({ text, language, isMarkdown, isOpen }: TextProps): JSX.Element {
  const json = isOpen || (language !== undefined && language !== "json") ? undefined : prettyJson(text);
  if (json !== undefined) return <CodeBlock code={json} language="json" />;
  if (language !== undefined) return <CodeBlock code={text} language={language} isOpen={isOpen} />;
  if (isMarkdown) return <Markdown text={text} isOpen={isOpen} />;
  return <p className="step-text">{text}</p>;
}
