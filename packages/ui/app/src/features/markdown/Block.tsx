import type { Token, Tokens } from "marked";
import { createElement, type JSX, memo, type ReactNode } from "react";
import { strings } from "../../strings";
import { CodeBlock } from "../code/CodeBlock";
import { isSame } from "./blocks";
import { Inline } from "./Inline";

interface BlockProps {
  readonly token: Token;
  /** Which heading element a heading is. */
  readonly level?: number;
  readonly isOpen: boolean;
}

/** One block. Renders again only if its text changed. */
export const Block = memo(
  function Block({ token, level = 3, isOpen }: BlockProps): ReactNode {
    return draw(token as Tokens.Generic, level, isOpen);
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
      return (
        <CodeBlock
          code={String(token.text ?? "")}
          language={typeof token.lang === "string" ? token.lang : undefined}
          isOpen={isOpen}
        />
      );
    case "blockquote":
      return (
        <blockquote>
          <Children tokens={token.tokens} isOpen={isOpen} />
        </blockquote>
      );
    case "list":
      return <List list={token as Tokens.List} isOpen={isOpen} />;
    case "table":
      return <Table table={token as Tokens.Table} />;
    case "hr":
      return <hr />;
    case "html":
      return <p className="raw">{token.raw.trimEnd()}</p>;
    case "space":
    case "def":
    case "checkbox":
      return null;
    default:
      return <p>{token.raw}</p>;
  }
}

function Children({ tokens, isOpen }: { tokens: readonly Token[] | undefined; isOpen: boolean }): JSX.Element {
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

function List({ list, isOpen }: { list: Tokens.List; isOpen: boolean }): JSX.Element {
  const items = list.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: an item is known by its place
    <Item key={index} item={item} isOpen={isOpen && index === list.items.length - 1} />
  ));
  const isTasks = list.items.some((item) => item.task);
  if (list.ordered) return <ol start={Number(list.start) || 1}>{items}</ol>;
  return <ul className={isTasks ? "tasks" : undefined}>{items}</ul>;
}

const Item = memo(
  function Item({ item, isOpen }: { item: Tokens.ListItem; isOpen: boolean }): JSX.Element {
    return (
      <li>
        {item.task && (
          <input type="checkbox" checked={item.checked === true} readOnly tabIndex={-1} aria-label={plain(item)} />
        )}
        <div>
          <Children tokens={item.tokens} isOpen={isOpen} />
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

function Table({ table }: { table: Tokens.Table }): JSX.Element {
  return (
    // A wide table scrolls by itself, so it must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex lint/a11y/useSemanticElements: see above
    <div className="table" role="group" aria-label={strings.table.region} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {table.header.map((cell, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a cell is known by its place
              <Cell key={index} cell={cell} />
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place
            <Row key={index} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Row = memo(
  function Row({ row }: { row: readonly Tokens.TableCell[] }): JSX.Element {
    return (
      <tr>
        {row.map((cell, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a cell is known by its place
          <Cell key={index} cell={cell} />
        ))}
      </tr>
    );
  },
  (before, after) =>
    before.row.length === after.row.length &&
    before.row.every((cell, index) => cell.text === after.row[index]?.text && !cell.text.includes("[")),
);

function Cell({ cell }: { cell: Tokens.TableCell }): JSX.Element {
  const className = cell.align ? `at-${cell.align}` : undefined;
  const content = <Inline tokens={cell.tokens} />;
  return cell.header ? (
    <th scope="col" className={className}>
      {content}
    </th>
  ) : (
    <td className={className}>{content}</td>
  );
}
