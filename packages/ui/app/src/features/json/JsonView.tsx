import { type FormEvent, type JSX, type KeyboardEvent, useDeferredValue, useMemo, useState } from "react";
import { formatNumber } from "../../language/format";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { Colours } from "../code/Colours";
import "../code/code.css";
import { LongText } from "../step/LongText";
import { JsonTree } from "./JsonTree";
import { copyOf, find, isContainer, sizeOf } from "./nodes";
import "./json.css";

const HITS = 200;
/** A smaller value is seen at a glance. */
const WORTH_SEARCHING = 2000;
/** A longer one is not coloured. */
const COLOURED = 60_000;

interface JsonViewProps {
  /** JSON as it was written. What is none is shown as it is. */
  readonly text: string;
  readonly label: string;
}

/** A JSON document as a tree to unfold and search, or raw. */
export function JsonView({ text, label }: JsonViewProps): JSX.Element {
  const value = useMemo(() => parsed(text), [text]);
  const [isRaw, setIsRaw] = useState(false);
  const [words, setWords] = useState("");
  const [turn, setTurn] = useState(0);
  const sought = useDeferredValue(words);
  const hits = useMemo(() => find(value, sought, HITS), [value, sought]);
  const at = hits.length === 0 ? 0 : ((turn % hits.length) + hits.length) % hits.length;
  if (!isContainer(value) || sizeOf(value) === 0) return <LongText text={text} />;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    event.preventDefault();
    setTurn(at + (event.shiftKey ? -1 : 1));
  };
  return (
    <figure className="code json" aria-label={label}>
      <figcaption>
        <span className="code-language">json</span>
        {!isRaw && text.length > WORTH_SEARCHING && (
          <search className="json-search">
            <input
              type="search"
              value={words}
              aria-label={strings.json.search}
              placeholder={strings.json.search}
              onInput={(event: FormEvent<HTMLInputElement>) => {
                setWords(event.currentTarget.value);
                setTurn(0);
              }}
              onKeyDown={onKeyDown}
            />
            {sought.trim() !== "" && <span role="status">{hitsOf(at, hits.length)}</span>}
          </search>
        )}
        <button type="button" className="code-tool" aria-pressed={isRaw} onClick={() => setIsRaw(!isRaw)}>
          {strings.json.raw}
        </button>
        <CopyButton text={() => copyOf(value)} label={strings.code.copy} done={strings.code.copied} labelled />
      </figcaption>
      {isRaw ? <Raw value={value} /> : <JsonTree value={value} label={label} target={hits[at]} />}
    </figure>
  );
}

function Raw({ value }: { value: object }): JSX.Element {
  const text = useMemo(() => copyOf(value), [value]);
  if (text.length > COLOURED) return <LongText text={text} isCode />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keyboard
    <pre tabIndex={0}>
      <code>
        <Colours code={text} language="json" isOpen={false} />
      </code>
    </pre>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hitsOf(at: number, count: number): string {
  if (count === 0) return strings.json.noHits;
  return strings.json.hits({ at: at + 1, count: `${formatNumber(count)}${count >= HITS ? "+" : ""}` });
}
