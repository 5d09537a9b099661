import type { Token, Tokens } from "marked";
import { Fragment, type JSX, type ReactNode, Suspense, use } from "react";
import { config } from "../../config";
import { later } from "../../ui/later";
import { type LinkNames, MentionContext } from "../element/MentionScope";
import { Formula } from "../math/Formula";
import { linkAddress } from "./address";
import { Citation } from "./Citation";
import { decodeEntities } from "./entities";
import { NoteMark } from "./Footnotes";
import { plainText } from "./grammar";
import { Picture } from "./Picture";

interface InlineProps {
  readonly tokens: readonly Token[] | undefined;
  /** There is no HTML in it that would be drawn. */
  readonly isSafe?: boolean;
}

export function Inline({ tokens, isSafe = !config.html }: InlineProps): JSX.Element {
  const link = use(MentionContext);
  if (!isSafe && tokens?.some(({ type, raw }) => type === "html" && !BREAK.test(raw)))
    return (
      <Suspense fallback={<Inline tokens={tokens} isSafe />}>
        <HtmlInline tokens={tokens} />
      </Suspense>
    );
  const shown = link ? joined(tokens ?? []) : (tokens ?? []);
  return (
    <>
      {shown.map((token, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: text grows at its end
        <Fragment key={index}>{draw(token as Tokens.Generic, link)}</Fragment>
      ))}
    </>
  );
}

const BREAK = /^\s*<br\s*\/?>\s*$/i;

const HtmlInline = later(() => import("../html/Html").then((module) => module.HtmlInline));

/** Text and escaped characters that follow one another as one text: a name may be among them. */
function joined(tokens: readonly Token[]): readonly Token[] {
  const all: Token[] = [];
  for (const token of tokens) {
    const last = all.at(-1);
    if (isPlain(token) && last && isPlain(last))
      all[all.length - 1] = { type: "escape", raw: last.raw + token.raw, text: plain(last) + plain(token) };
    else all.push(token);
  }
  return all;
}

function isPlain(token: Token): token is Tokens.Text | Tokens.Escape {
  return token.type === "escape" || (token.type === "text" && !("tokens" in token && token.tokens));
}

function plain(token: Tokens.Text | Tokens.Escape): string {
  return token.type === "escape" ? token.text : decodeEntities(token.text);
}

function linked(text: string, link: LinkNames | undefined): ReactNode {
  return link ? link(text) : text;
}

function draw(token: Tokens.Generic, link: LinkNames | undefined): ReactNode {
  switch (token.type) {
    case "text":
      return token.tokens ? <Inline tokens={token.tokens} /> : linked(decodeEntities(token.text), link);
    case "escape":
      return linked(token.text, link);
    case "strong":
      return (
        <strong>
          <Inline tokens={token.tokens} />
        </strong>
      );
    case "em":
      return (
        <em>
          <Inline tokens={token.tokens} />
        </em>
      );
    case "del":
      return (
        <del>
          <Inline tokens={token.tokens} />
        </del>
      );
    case "codespan":
      return <code>{token.text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Link href={token.href} title={token.title} tokens={token.tokens} />;
    case "image":
      return <Picture href={token.href} title={token.title} alt={decodeEntities(String(token.text ?? ""))} />;
    case "formula":
      return <Formula tex={token.text} raw={token.raw} isDisplay={token.isDisplay} />;
    case "footnote-mark":
      return <NoteMark label={token.label} raw={token.raw} />;
    case "html":
      // Models write `<br>` into table cells; every other tag is shown as the text it is.
      return BREAK.test(token.raw) ? <br /> : token.raw;
    case "checkbox":
      return null;
    default:
      return token.raw;
  }
}

function Link({
  href,
  title,
  tokens,
}: {
  href: string;
  title: string | null | undefined;
  tokens: readonly Token[] | undefined;
}): JSX.Element {
  const address = linkAddress(href);
  const content = <Inline tokens={tokens} />;
  if (address === undefined) return content;
  const number = /^\[?(\d{1,3})\]?$/.exec(plainText(tokens))?.[1];
  if (number !== undefined)
    return <Citation number={number} address={address} title={title ? decodeEntities(title) : undefined} />;
  return (
    <a href={address} title={title ?? undefined} target="_blank" rel="noopener noreferrer">
      <MentionContext value={undefined}>{content}</MentionContext>
    </a>
  );
}
