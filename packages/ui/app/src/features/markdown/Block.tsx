import type { Token, Tokens } from "marked";
import { createElement, type JSX, memo, type ReactNode, Suspense } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { Glyph, type Shape } from "../../ui/Glyph";
import { later } from "../../ui/later";
import { CodeBlock } from "../code/CodeBlock";
import { Formula } from "../math/Formula";
import { BlockBoundary } from "./BlockBoundary";
import { isSame } from "./blocks";
import { type Callout, type CalloutKind, calloutOf } from "./callout";
import { Inline } from "./Inline";
import { Table } from "./Table";

interface BlockProps {
  readonly token: Token;
  /** Which heading element a heading is. */
  readonly level?: number;
  readonly isOpen: boolean;
}

/** One block. Renders again only if its text changed. */
export const Block = memo(
  function Block({ token, level = 3, isOpen }: BlockProps): ReactNode {
    return <BlockBoundary raw={token.raw}>{draw(token as Tokens.Generic, level, isOpen)}</BlockBoundary>;
  },
  (before, after) =>
    before.isOpen === after.isOpen && before.level === after.level && isSame(before.token, after.token),
);

function draw(token: Tokens.Generic, level: number, isOpen: boolean): ReactNode {
  switch (token.type) {
    case "heading":
      return createElement(`h${level}`, { className: `h h-${token.depth}` }, <Inline tokens={token.tokens} />);
    case "paragraph":
      return (
        <p>
          <Inline tokens={token.tokens} />
        </p>
      );
    case "text":
      return token.tokens ? <Inline tokens={token.tokens} /> : token.text;
    case "code":
      return <Code token={token} isOpen={isOpen} />;
    case "formula":
      if (token.isHalf) return isOpen ? <HalfFormula /> : <p>{token.raw}</p>;
      return <Formula tex={token.text} raw={token.raw} isDisplay />;
    case "details":
      return (
        <details open={token.isShown} dir="auto">
          <summary>{token.summary.length > 0 ? <Inline tokens={token.summary} /> : strings.details.summary}</summary>
          <div>
            <Blocks tokens={token.tokens} isOpen={isOpen} />
          </div>
        </details>
      );
    case "blockquote": {
      const callout = calloutOf(token);
      if (callout) return <CalloutBox callout={callout} isOpen={isOpen} />;
      return (
        <blockquote dir="auto">
          <Blocks tokens={token.tokens} isOpen={isOpen} />
        </blockquote>
      );
    }
    case "list":
      return <List list={token as Tokens.List} isOpen={isOpen} />;
    case "table":
      return <Table table={token as Tokens.Table} />;
    case "hr":
      return <hr />;
    case "html":
      return <Html raw={token.raw.trimEnd()} />;
    case "space":
    case "def":
    case "checkbox":
    case "footnote":
      return null;
    default:
      return <p>{token.raw}</p>;
  }
}

/** The blocks within another. */
export function Blocks({ tokens, isOpen }: { tokens: readonly Token[] | undefined; isOpen: boolean }): JSX.Element {
  const solid = (tokens ?? []).filter((token) => token.type !== "space");
  return (
    <>
      {solid.map((token, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a block is known by its place
        <Block key={index} token={token} isOpen={isOpen && index === solid.length - 1} />
      ))}
    </>
  );
}

function Code({ token, isOpen }: { token: Tokens.Generic; isOpen: boolean }): JSX.Element {
  const code = String(token.text ?? "");
  const info = typeof token.lang === "string" ? token.lang : undefined;
  // What comes after the closing fence is not its business.
  const isGrowing = isOpen && !/\n[ \t>]*(?:`{3,}|~{3,})[ \t]*\n?$/.test(token.raw.slice(-80));
  const block = <CodeBlock code={code} language={info} isOpen={isGrowing} />;
  if (!/^mermaid\b/i.test(info ?? "")) return block;
  return (
    <Suspense fallback={block}>
      <Diagram source={code} isOpen={isGrowing} />
    </Suspense>
  );
}

/** HTML as the text it is; where the app allows it, what is harmless of it. */
function Html({ raw }: { raw: string }): JSX.Element {
  const text = <p className="raw">{raw}</p>;
  if (!config.html) return text;
  return (
    <Suspense fallback={text}>
      <HtmlBlock html={raw} />
    </Suspense>
  );
}

const HtmlBlock = later(() => import("../html/Html").then((module) => module.HtmlBlock));

const Diagram = later(() => import("../diagram/Diagram").then((module) => module.Diagram));

/** A formula on lines of its own that is being written. Set before it is whole it would be a wrong one. */
function HalfFormula(): JSX.Element {
  return (
    <div className="formula-half" title={strings.formula.half}>
      <i />
      <i />
      <i />
    </div>
  );
}

const shapes: Record<CalloutKind, Shape> = {
  note: "info",
  tip: "bulb",
  important: "flag",
  warning: "warning",
  caution: "stopped",
};

function CalloutBox({ callout, isOpen }: { callout: Callout; isOpen: boolean }): JSX.Element {
  const { kind, title, tokens } = callout;
  return (
    <div className={`callout is-${kind}`} role="note" dir="auto">
      <p className="callout-title">
        <Glyph shape={shapes[kind]} />
        {title ?? strings.callout[kind]}
      </p>
      <Blocks tokens={tokens} isOpen={isOpen} />
    </div>
  );
}

function List({ list, isOpen }: { list: Tokens.List; isOpen: boolean }): JSX.Element {
  const items = list.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: an item is known by its place
    <Item key={index} item={item} isOpen={isOpen && index === list.items.length - 1} />
  ));
  const isTasks = list.items.some((item) => item.task);
  if (list.ordered)
    return (
      <ol dir="auto" start={Number(list.start) || 1}>
        {items}
      </ol>
    );
  return (
    <ul dir="auto" className={isTasks ? "tasks" : undefined}>
      {items}
    </ul>
  );
}

const Item = memo(
  function Item({ item, isOpen }: { item: Tokens.ListItem; isOpen: boolean }): JSX.Element {
    return (
      <li>
        {item.task && (
          <input type="checkbox" checked={item.checked === true} readOnly tabIndex={-1} aria-label={plain(item)} />
        )}
        <div>
          <Blocks tokens={item.tokens} isOpen={isOpen} />
        </div>
      </li>
    );
  },
  (before, after) =>
    before.isOpen === after.isOpen && before.item.loose === after.item.loose && isSame(before.item, after.item),
);

function plain(item: Tokens.ListItem): string {
  return item.text.replace(/^\[[ xX]\]\s*/, "").slice(0, 120);
}
