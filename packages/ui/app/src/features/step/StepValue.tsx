import type { JSX } from "react";
import { part } from "../../ui/part";
import { useModule } from "../../ui/useModule";
import { CodeBlock } from "../code/CodeBlock";
import { Markdown } from "../markdown/Markdown";
import { Bounded, LongText } from "./LongText";

/** A longer text is shown plain, whatever it is: laying it out would hold up the page. */
const HUGE = 200_000;

const json = part(() => import("../json/JsonView"));

interface StepValueProps {
  readonly text: string;
  readonly language: string | undefined;
  readonly label: string;
  /** Without a language it is Markdown. */
  readonly isProse: boolean;
  /** More is to come. */
  readonly isOpen: boolean;
}

/** What went into a step or came out of it, by its kind. */
export function StepValue({ text, language, label, isProse, isOpen }: StepValueProps): JSX.Element {
  if (!isOpen && isJson(text, language)) return <Json text={text} label={label} />;
  if (text.length > HUGE) return <LongText text={text} isOpen={isOpen} />;
  if (isMarkdown(language, isProse))
    return (
      <Bounded text={text} isOpen={isOpen}>
        {(shown, isAll) => <Markdown text={shown} isOpen={isOpen} isPartial={!isAll} />}
      </Bounded>
    );
  if (isCode(language))
    return (
      <Bounded text={text} isOpen={isOpen}>
        {(shown) => <CodeBlock code={shown} whole={text} language={language} isOpen={isOpen} />}
      </Bounded>
    );
  return <LongText text={text} isOpen={isOpen} />;
}

/** Whether its view has a button of its own to copy it. */
export function hasOwnCopy(text: string, language: string | undefined, isProse: boolean, isOpen: boolean): boolean {
  if (!isOpen && isJson(text, language)) return true;
  return text.length <= HUGE && !isMarkdown(language, isProse) && isCode(language);
}

/** JSON that is none, as a text handed to a step that shows its input as JSON, is plain text. */
function isCode(language: string | undefined): boolean {
  return language !== undefined && language !== "text" && language !== "json";
}

function isMarkdown(language: string | undefined, isProse: boolean): boolean {
  return language === undefined ? isProse : language === "markdown" || language === "md";
}

/** Whether it looks like an object or list of JSON that has something in it. Reads a few characters only. */
function isJson(text: string, language: string | undefined): boolean {
  if (language !== undefined && language !== "json") return false;
  const begin = /^\s*([[{])\s*["\w[{\-\]}]/.exec(text.slice(0, 200));
  const end = /([\]}])\s*$/.exec(text.slice(-200));
  return begin !== null && end !== null && (begin[1] === "{") === (end[1] === "}");
}

/** Plain until the tree is loaded. */
function Json({ text, label }: { text: string; label: string }): JSX.Element {
  const module = useModule(json);
  return module ? <module.JsonView text={text} label={label} /> : <LongText text={text} />;
}
