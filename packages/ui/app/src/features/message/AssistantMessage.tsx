import type { Fork } from "@convo/client";
import { useStep, useStepFact } from "@convo/react";
import { type JSX, memo, useEffect, useRef } from "react";
import { strings } from "../../strings";
import { Actions } from "../action/Actions";
import { useAppName } from "../app/name";
import { AskCard } from "../ask/AskCard";
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

/** Its frame does not render again while the text grows. */
export const AssistantMessage = memo(function AssistantMessage({
  id,
  isCut,
  fork,
}: AssistantMessageProps): JSX.Element | null {
  const type = useStepFact(id, (step) => step?.type);
  const app = useAppName();
  const author = useStepFact(id, (step) => step?.author) || app;
  const children = useStepFact(id, (step) => step?.children);
  const isOpen = useStepFact(id, (step) => step?.isOpen === true) && !isCut;
  if (type === undefined) return null;
  return (
    <div id={anchorOf(id)} className={type === "system_message" ? "answer is-system" : "answer"} data-message={id}>
      <h2 className="unseen">
        {type === "system_message" ? strings.message.system : strings.message.assistant({ author })}
      </h2>
      <Author name={author} />
      {children !== undefined && children.length > 0 && <Trace ids={children} isCut={isCut} />}
      <AskCard stepId={id}>
        <AnswerText id={id} isOpen={isOpen} isCut={isCut} />
        <Elements stepId={id} />
        <Actions stepId={id} />
        <AskNote stepId={id} />
      </AskCard>
      <AnswerTools id={id} fork={fork} isOpen={isOpen} />
    </div>
  );
});

interface AnswerTextProps {
  readonly id: string;
  readonly isOpen: boolean;
  readonly isCut: boolean;
}

function AnswerText({ id, isOpen, isCut }: AnswerTextProps): JSX.Element | null {
  const step = useStep(id);
  const wasOpen = useRef(false);
  const output = step?.output ?? "";
  useEffect(() => {
    if (wasOpen.current && !isOpen && output !== "") announce(strings.message.finished({ text: output }));
    wasOpen.current = isOpen;
  }, [isOpen, output]);
  if (step?.isError) {
    return <ErrorCard text={output}>{output !== "" && <Markdown text={output} isOpen={isOpen} />}</ErrorCard>;
  }
  const language = step?.language ?? undefined;
  if (language !== undefined) {
    const code = (language === "json" && !isOpen && prettyJson(output)) || output;
    return <CodeBlock code={code} language={language} isOpen={isOpen} />;
  }
  if (output === "" && !isOpen) return null;
  return (
    <MentionScope stepId={id}>
      <Markdown text={output} isOpen={isOpen} isPartial={isCut && step?.isOpen === true} />
    </MentionScope>
  );
}
