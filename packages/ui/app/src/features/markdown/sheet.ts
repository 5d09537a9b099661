import type { Tokens } from "marked";
import { decodeEntities } from "./entities";
import { plainText } from "./grammar";

type Cells = readonly (readonly string[])[];

/** What a table says, row by row, the header first. */
export function cellsOf(table: Tokens.Table): Cells {
  return [table.header, ...table.rows].map((row) => row.map((cell) => decodeEntities(plainText(cell.tokens)).trim()));
}

/** RFC 4180. */
export function csv(cells: Cells): string {
  const field = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `${cells.map((row) => row.map((cell) => field(harmless(cell))).join(",")).join("\r\n")}\r\n`;
}

export function tsv(cells: Cells): string {
  return cells.map((row) => row.map((cell) => harmless(cell).replace(/[\t\r\n]+/g, " ")).join("\t")).join("\n");
}

/** For what takes tables as they are: spreadsheets, letters, documents. */
export function html(cells: Cells): string {
  const row = (tag: string) => (texts: readonly string[]) =>
    `<tr>${texts.map((text) => `<${tag}>${escaped(harmless(text))}</${tag}>`).join("")}</tr>`;
  const [header = [], ...rest] = cells;
  return `<table><thead>${row("th")(header)}</thead><tbody>${rest.map(row("td")).join("")}</tbody></table>`;
}

/** A spreadsheet would run what looks like a formula, and the text is a stranger's. Numbers stay numbers. */
function harmless(text: string): string {
  const isNumber = /^[+-][\d\s.,'’]+(?:e[+-]?\d+)?\s?[%\p{Sc}]?$/iu.test(text);
  return /^[=+\-@\t\r]/.test(text) && !isNumber && text.length > 1 ? `'${text}` : text;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
