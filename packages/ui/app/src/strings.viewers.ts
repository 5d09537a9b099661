/** The words of the large viewers, which come with them and not before. */
export const words = {
  dataframe: {
    table: "Table",
    search: "Search all columns",
    filters: "Filter columns",
    filterOf: (column: string) => `Filter ${column}`,
    filterText: "contains…",
    filterOrder: "> 5 or 5..8",
    filterBoolean: "true or false",
    save: "Download as CSV",
    saveName: (name: string) => `${name.replace(/\.csv$/i, "") || "table"}.csv`,
    copy: "Copy the selected cells",
    copied: "Copied",
    index: "index",
    coming: (rows: number, total: number) => `${count(rows)} of ${count(total)} rows are here`,
    working: "Working…",
    size: (rows: number, columns: number) =>
      `${count(rows)} ${rows === 1 ? "row" : "rows"} × ${count(columns)} ${columns === 1 ? "column" : "columns"}`,
    shown: (rows: number, total: number) => `${count(rows)} of ${count(total)} rows`,
    selected: (rows: number, columns: number) => `${count(rows)} × ${count(columns)} selected`,
    none: "No row is like that.",
    empty: "This table has no rows.",
    clear: "Clear the search and filters",
    whole: "Show the whole value",
    missing: "missing",
  },
};

function count(value: number): string {
  return value.toLocaleString();
}
