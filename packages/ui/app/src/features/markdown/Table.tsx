import type { Tokens } from "marked";
import { type JSX, memo } from "react";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { saveFile } from "../../ui/download";
import { Glyph } from "../../ui/Glyph";
import { Inline } from "./Inline";
import { cellsOf, csv, html, tsv } from "./sheet";

/** A table that scrolls by itself when it is wide, and can be taken elsewhere. */
export function Table({ table }: { table: Tokens.Table }): JSX.Element {
  return (
    <div className="table-block">
      {/* A wide table scrolls by itself, so it must be reachable by keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex lint/a11y/useSemanticElements: see above */}
      <div className="table" role="group" aria-label={strings.table.region} tabIndex={0}>
        <table dir="auto">
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
      <div className="table-tools">
        <CopyButton
          text={() => table.raw.trim()}
          html={() => html(cellsOf(table))}
          label={strings.table.copy}
          done={strings.code.copied}
          labelled
        />
        <CopyButton
          text={() => tsv(cellsOf(table))}
          label={strings.table.copyCells}
          done={strings.code.copied}
          labelled
        />
        <button
          type="button"
          className="code-tool"
          aria-label={strings.table.saveLabel}
          onClick={() => saveFile("table.csv", `\ufeff${csv(cellsOf(table))}`, "text/csv;charset=utf-8")}
        >
          <Glyph shape="download" small />
          {strings.table.save}
        </button>
      </div>
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
