import { describe, expect, it } from "vitest";
import { columnStarts, columnsInSight, rowsInSight, scrolledHeight, topToShow } from "./geometry";
import { lines } from "./lines";
import { matcher } from "./match";
import { type Column, shownText, Table } from "./table";
import { type Order, type View, WHOLE } from "./view";

const COLUMNS: readonly Column[] = [
  { name: "name", type: "text" },
  { name: "age", type: "integer" },
  { name: "price", type: "number" },
  { name: "since", type: "date" },
];

function people(): Table {
  const table = new Table({ rows: 4, columns: COLUMNS });
  table.append([
    ["Zoë", "item 10", "item 9"],
    [36, null, 41],
    [1.5, 22.25, "NaN"],
    ["2026-03-31", "2025-01-01", null],
  ]);
  table.append([["zoe"], [36], [-3], ["2026-04-01"]]);
  return table;
}

function names(table: Table, view: Partial<View>): (string | null | undefined)[] {
  table.apply({ ...WHOLE, ...view });
  return table.cells(0, 10, 0, 1).map(([name]) => name);
}

describe("Table", () => {
  it("sorts by value and type, keeps equals as they came, and puts what is missing last", () => {
    const table = people();
    const by = (column: number, isDescending: boolean): { order: Order } => ({ order: { column, isDescending } });
    expect(names(table, by(1, false))).toEqual(["Zoë", "zoe", "item 9", "item 10"]);
    expect(names(table, by(1, true))).toEqual(["item 9", "Zoë", "zoe", "item 10"]);
    expect(names(table, by(2, false))).toEqual(["zoe", "Zoë", "item 10", "item 9"]);
    expect(names(table, by(3, true))).toEqual(["zoe", "Zoë", "item 10", "item 9"]);
    expect(names(table, by(0, false)).slice(0, 2)).toEqual(["item 9", "item 10"]);
    expect(names(table, {})).toEqual(["Zoë", "item 10", "item 9", "zoe"]);
  });

  it("searches all columns and filters single ones", () => {
    const table = people();
    expect(names(table, { search: " 22.25 " })).toEqual(["item 10"]);
    expect(names(table, { search: "ZO" })).toEqual(["Zoë", "zoe"]);
    expect(names(table, { filters: new Map([[1, ">= 36"]]) })).toEqual(["Zoë", "item 9", "zoe"]);
    const both = new Map([
      [3, "<= 2026-03"],
      [2, "2..30"],
    ]);
    expect(names(table, { filters: both })).toEqual(["item 10"]);
    expect(table.shown).toBe(1);
  });

  it("aligns decimals, and copies and saves exact values", () => {
    const table = people();
    table.apply(WHOLE);
    expect(table.cells(0, 4, 2, 3)).toEqual([["1.50"], ["22.25"], ["NaN"], ["-3.00"]]);
    expect(table.copied(0, 2, 1, 3)).toBe("36\t1.5\n\t22.25");
    expect(table.copied(0, 1, 0, 1)).toBe("Zoë");
    expect([...table.csv()].join("").split("\r\n").slice(0, 2)).toEqual([
      "name,age,price,since",
      "Zoë,36,1.5,2026-03-31",
    ]);
  });

  it("quotes what a CSV would mistake", () => {
    const table = new Table({ rows: 1, columns: [{ name: "a,b", type: "text" }] });
    table.append([['say "hi"\nnow']]);
    expect([...table.csv()].join("")).toBe('"a,b"\r\n"say ""hi""\nnow"\r\n');
    expect(table.cells(0, 1, 0, 1)).toEqual([['say "hi" ↵ now']]);
  });
});

describe("shownText", () => {
  it.each([
    [93_784.5, "duration", "1 d 02:03:04.5"],
    [-60, "duration", "−00:01:00"],
    ["2026-01-02T03:04:05+01:00", "datetime", "2026-01-02 03:04:05+01:00"],
    [1.23e-9, "number", "1.23e-9"],
    [true, "boolean", "true"],
    [{ a: [1, null] }, "json", '{"a":[1,null]}'],
  ] as const)("%s as %s", (value, type, text) => {
    expect(shownText(value, type, 2)).toBe(text);
  });
});

describe("matcher", () => {
  it.each([
    ["> 5", "integer", 6, true],
    ["> 5", "integer", 5, false],
    ["..5", "number", 5, true],
    ["= 2026", "date", "2026-12-31", true],
    ["> 2026-01-02 10", "datetime", "2026-01-02T11:00:00", true],
    ["!=5", "integer", 5, false],
    ["-", "text", null, true],
    ["!-", "text", null, false],
    ["> 5", "text", "is > 5 here", true],
    ["6", "integer", 162, true],
  ] as const)("%s on %s", (filter, type, value, isMatch) => {
    expect(matcher(filter, type)?.(value, value === null ? null : String(value))).toBe(isMatch);
  });

  it("says nothing before anything is written", () => {
    expect(matcher("  ", "text")).toBeUndefined();
    expect(matcher("!", "text")).toBeUndefined();
  });
});

describe("lines", () => {
  it("come whole, however the text was cut", async () => {
    const stream = new ReadableStream<string>({
      start(controller) {
        for (const piece of ["[1", ",2]\n[3]", "\n", "[4]\n[5]"]) controller.enqueue(piece);
        controller.close();
      },
    });
    const found: string[] = [];
    for await (const line of lines(stream)) found.push(line);
    expect(found).toEqual(["[1,2]", "[3]", "[4]", "[5]"]);
  });
});

describe("what is in sight", () => {
  it("reaches the last row of a sheet that no browser would draw", () => {
    const rows = { count: 2_000_000, height: 30, room: 300 };
    const bottom = scrolledHeight(rows) - rows.room;
    expect(rowsInSight(rows, 0).from).toBe(0);
    const { from, to, topOf } = rowsInSight(rows, bottom);
    expect([from, to]).toEqual([1_999_990, 2_000_000]);
    expect(topOf(1_999_999)).toBeCloseTo(bottom + 270);
    expect(topToShow(rows, 0, 1_999_999)).toBeCloseTo(bottom);
  });

  it("shares out what columns leave", () => {
    const starts = columnStarts([50, 50], 200);
    expect(starts).toEqual([0, 100, 200]);
    expect(columnsInSight(starts, 0, 90)).toEqual({ first: 0, end: 1 });
    expect(columnsInSight(starts, 100, 90)).toEqual({ first: 1, end: 2 });
  });
});
