import type { Token, Tokens } from "marked";
import { createElement, Fragment, type JSX, type ReactNode } from "react";
import { linkAddress } from "../markdown/address";
import { Inline } from "../markdown/Inline";
import { Picture } from "../markdown/Picture";
import { STYLE, sanitize } from "./sanitize";
import { styleOf } from "./style";

/** A block of HTML in a text, where the app allows it: what is left of it once it was sanitised. */
export function HtmlBlock({ html }: { html: string }): JSX.Element {
  return <div className="html">{drawAll(sanitize(html).childNodes)}</div>;
}

/** What stands in a line, with tags of HTML between it. */
export function HtmlInline({ tokens }: { tokens: readonly Token[] }): JSX.Element {
  const drawn: ReactNode[] = [];
  let plain: Token[] = [];
  const flush = () => {
    if (plain.length > 0) drawn.push(<Inline key={drawn.length} tokens={plain} isSafe />);
    plain = [];
  };
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.type !== "html") {
      if (token) plain.push(token);
      continue;
    }
    const name = /^<([a-z][a-z0-9]*)\b/i.exec(token.raw)?.[1]?.toLowerCase();
    const end = name === undefined || EMPTY.has(name) ? at : closing(tokens, at, name);
    flush();
    const inner = end > at ? <HtmlInline tokens={tokens.slice(at + 1, end)} /> : undefined;
    const [element] = sanitize(token.raw).childNodes;
    drawn.push(
      <Fragment key={drawn.length}>
        {element instanceof Element && name !== undefined && (end > at || EMPTY.has(name))
          ? draw(element, inner)
          : inner}
      </Fragment>,
    );
    at = end;
  }
  flush();
  return <>{drawn}</>;
}

const EMPTY = new Set(["br", "hr", "img", "wbr", "col"]);

/** Where the element ends that begins at `from`; `from` itself where it does not. */
function closing(tokens: readonly Token[], from: number, name: string): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at += 1) {
    const { type, raw } = tokens[at] as Tokens.Generic;
    if (type !== "html") continue;
    const [, slash, tag] = /^<(\/?)([a-z][a-z0-9]*)\b/i.exec(raw) ?? [];
    if (tag?.toLowerCase() !== name) continue;
    depth += slash === "" ? 1 : -1;
    if (depth === 0) return at;
  }
  return from;
}

function drawAll(nodes: NodeListOf<ChildNode>): ReactNode {
  return [...nodes].map((node, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a node is known by its place
    <Fragment key={index}>
      {node instanceof Element ? draw(node) : node.nodeType === 3 ? node.nodeValue : null}
    </Fragment>
  ));
}

/** An element as React makes it, so that its style is set by script, as the page's policy wants it. */
function draw(element: Element, inner?: ReactNode): ReactNode {
  const tag = element.localName;
  const value = (name: string) => element.getAttribute(name) ?? undefined;
  const children = inner ?? (element.childNodes.length > 0 ? drawAll(element.childNodes) : undefined);
  if (tag === "img")
    return (
      <Picture
        href={value("src") ?? ""}
        alt={value("alt") ?? ""}
        title={value("title")}
        width={size(value("width"))}
        height={size(value("height"))}
      />
    );
  const shared = { title: value("title"), dir: value("dir"), lang: value("lang"), style: looks(element) };
  if (tag === "a") {
    const address = linkAddress(value("href") ?? "");
    if (address === undefined) return children;
    return (
      <a {...shared} href={address} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    );
  }
  return createElement(
    RENAMED[tag] ?? tag,
    {
      ...shared,
      ...(tag === "details" && { open: value("open") !== undefined || undefined }),
      ...(tag === "ol" && { start: size(value("start")), reversed: value("reversed") !== undefined || undefined }),
      ...(/^(?:td|th|col|colgroup)$/.test(tag) && {
        colSpan: size(value("colspan")),
        rowSpan: size(value("rowspan")),
        span: size(value("span")),
      }),
    },
    children,
  );
}

const RENAMED: Readonly<Record<string, string>> = { center: "div", font: "span", strike: "s", tt: "code" };

/** Its style, and what older HTML says of looks in attributes. */
function looks(element: Element): ReturnType<typeof styleOf> {
  const align = element.localName === "center" ? "center" : element.getAttribute("align");
  const color = element.getAttribute("color");
  const old = `${align ? `text-align:${align};` : ""}${color ? `color:${color};` : ""}`;
  return styleOf(old + (element.getAttribute(STYLE) ?? ""));
}

function size(text: string | undefined): number | undefined {
  const number = Number.parseInt(text ?? "", 10);
  return number > 0 && number <= 4_000 ? number : undefined;
}
