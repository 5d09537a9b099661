import type { Generation } from "@convo/react";
import type { JSX, ReactNode } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { JsonView } from "../json/JsonView";
import { Bounded, LongText } from "../step/LongText";
import { StepValue } from "../step/StepValue";
import { figures } from "./figures";
import "./generation.css";

/** What a model was asked, what it said, and what it took. */
export function GenerationDetails({ generation }: { generation: Generation }): JSX.Element {
  const { messages, messageCompletion, prompt, completion, tools, settings, variables, metadata } = generation;
  return (
    <section className="step-part generation">
      <div className="step-part-head">
        <h3>{strings.generation.title}</h3>
      </div>
      <dl className="generation-figures">
        {figures(generation).map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {generation.error && (
        <div className="step-part is-bad">
          <LongText text={generation.error} />
        </div>
      )}
      <div className="generation-parts">
        {prompt && (
          <Fold title={strings.generation.prompt}>
            <LongText text={prompt} />
          </Fold>
        )}
        {messages && messages.length > 0 && (
          <Fold title={strings.generation.messages} count={messages.length}>
            <ol className="generation-messages">
              {messages.map((message, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: messages to a model are known by their order
                <li key={index}>
                  <MessageOf message={message} />
                </li>
              ))}
            </ol>
          </Fold>
        )}
        {messageCompletion && (
          <Fold title={strings.generation.completion}>
            <MessageOf message={messageCompletion} />
          </Fold>
        )}
        {completion && (
          <Fold title={strings.generation.completion}>
            <StepValue
              text={completion}
              language={undefined}
              label={strings.generation.completion}
              isProse
              isOpen={false}
            />
          </Fold>
        )}
        <Values title={strings.generation.tools} value={tools} count={tools?.length} />
        <Values title={strings.generation.settings} value={settings} />
        <Values title={strings.generation.variables} value={variables} />
        <Values title={strings.generation.metadata} value={metadata} />
      </div>
    </section>
  );
}

function Fold({ title, count, children }: { title: string; count?: number; children: ReactNode }): JSX.Element {
  return (
    <details className="generation-fold">
      <summary>
        <span className="turn-sign">
          <Glyph shape="chevron" small />
        </span>
        {title}
        {count !== undefined && <span className="generation-count">{count}</span>}
      </summary>
      <div className="generation-fold-content">{children}</div>
    </details>
  );
}

function Values({
  title,
  value,
  count,
}: {
  title: string;
  value: object | undefined;
  count?: number | undefined;
}): JSX.Element | null {
  if (value === undefined || Object.keys(value).length === 0) return null;
  return (
    <Fold title={title} {...(count !== undefined && { count })}>
      <JsonView text={JSON.stringify(value)} label={title} />
    </Fold>
  );
}

/** A message to or from a model, however its provider writes it. */
function MessageOf({ message }: { message: Readonly<Record<string, unknown>> }): JSX.Element {
  const { role, name, content, tool_calls, toolCalls, function_call, functionCall } = message;
  const calls = tool_calls ?? toolCalls;
  const call = function_call ?? functionCall;
  const text = typeof content === "string" ? content : textOf(content);
  const isEmpty = !text && !isFilled(content) && !isFilled(calls) && !isFilled(call);
  return (
    <div className="generation-message">
      <div className="generation-role">
        {roleOf(role)}
        {typeof name === "string" && <span>{name}</span>}
      </div>
      {text ? (
        <Bounded text={text}>{(shown) => <p className="generation-text">{shown}</p>}</Bounded>
      ) : (
        isFilled(content) && <JsonView text={JSON.stringify(content)} label={strings.generation.content} />
      )}
      {isFilled(calls) && <JsonView text={JSON.stringify(calls)} label={strings.generation.toolCalls} />}
      {isFilled(call) && <JsonView text={JSON.stringify(call)} label={strings.generation.functionCall} />}
      {isEmpty && <p className="step-none">{strings.generation.empty}</p>}
    </div>
  );
}

function isFilled(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** The text of a content in parts, if text is all there is. */
function textOf(content: unknown): string | undefined {
  if (!Array.isArray(content)) return undefined;
  const texts = content.map((part: unknown) =>
    typeof part === "object" && part !== null && "text" in part && typeof part.text === "string"
      ? part.text
      : undefined,
  );
  return texts.some((text) => text === undefined) ? undefined : texts.join("\n\n");
}

/** As a model's API calls it, with a capital. */
function roleOf(role: unknown): string {
  if (typeof role !== "string" || role === "") return strings.generation.message;
  return `${role.charAt(0).toUpperCase()}${role.slice(1)}`;
}
