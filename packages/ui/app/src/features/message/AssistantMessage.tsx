import type { Fork } from "@convo/client";
import { useStep } from "@convo/react";
import { type JSX, memo, useEffect, useRef } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { Actions } from "../action/Actions";
import { AskNote } from "../ask/AskNote";
import { CodeBlock } from "../code/CodeBlock";
import { Elements } from "../element/Elements";
import { MentionScope } from "../element/MentionScope";
import { Markdown } from "../markdown/Markdown";
import { ErrorCard } from "../run/ErrorCard";
import { anchorOf } from "../step/anchor";
import { prettyJson } from "../step/glimpse";
import { Trace } from "../step/Trace";
import { announce } from "../thread/announcement";
import { AnswerTools } from "../turn/AnswerTools";
import { Author } from "./Author";
import "./message.css";

interface AssistantMessageProps {
  readonly id: string;
  /** The run ended without finishing: what is open will not grow. */
  readonly isCut: boolean;
  readonly fork?: Fork | undefined;
}

export const AssistantMessage = memo(function AssistantMessage({
  id,
  isCut,
  fork,
}: AssistantMessageProps): JSX.Element | null {
  const step = useStep(id);
  const isOpen = step?.isOpen === true && !isCut;
  const wasOpen = useRef(false);
  const output = step?.output ?? "";
  useEffect(() => {
    if (wasOpen.current && !isOpen && output !== "") announce(strings.message.finished(output));
    wasOpen.current = isOpen;
  }, [isOpen, output]);
  if (!step) return null;
  const author = step.author || config.name;
  const language = step.language ?? undefined;
  const isEmpty = output === "" && !isOpen;
  return (
    <div id={anchorOf(id)} className={step.type === "system_message" ? "answer is-system" : "answer"} data-message={id}>
      <h2 className="unseen">
        {step.type === "system_message" ? strings.message.system : strings.message.assistant(author)}
      </h2>
      <Author name={author} />
      {step.children.length > 0 && <Trace ids={step.children} isCut={isCut} />}
      {step.isError ? (
        <ErrorCard text={output} />
      ) : language !== undefined ? (
        <CodeBlock
          code={(language === "json" && !isOpen && prettyJson(output)) || output}
          language={language}
          isOpen={isOpen}
        />
      ) : (
        !isEmpty && (
          <MentionScope stepId={id}>
            <Markdown text={output} isOpen={isOpen} isPartial={isCut && step.isOpen} />
          </MentionScope>
        )
      )}
      <Elements stepId={id} />
      <Actions stepId={id} />
      <AskNote stepId={id} />
      <AnswerTools step={step} fork={fork} isOpen={isOpen} />
    </div>
  );
});
