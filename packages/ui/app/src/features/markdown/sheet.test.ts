import { expect, test } from "vitest";
import { csv, html, tsv } from "./sheet";

const cells = [
  ["Name", "Sum"],
  ['Ada "A", B', "-5"],
  ["=HYPERLINK(1)", "+3.5 %"],
  ["<b>", "@x\ty"],
];

test("a table as CSV is quoted where it must be, and runs nothing in a spreadsheet", () => {
  expect(csv(cells)).toBe('Name,Sum\r\n"Ada ""A"", B",-5\r\n\'=HYPERLINK(1),+3.5 %\r\n<b>,\'@x\ty\r\n');
});

test("a table for spreadsheets has a tab between its cells and none in them", () => {
  expect(tsv(cells).split("\n")[3]).toBe("<b>\t'@x y");
});

test("a table for documents is only a table", () => {
  expect(html(cells)).toContain("<td>&lt;b&gt;</td>");
});
