import type { ColumnType } from "./table";

/** Whether a cell is among those that are wanted: its value, and what it says. */
export type Match = (value: unknown, text: string | null) => boolean;

const COMPARED: ReadonlySet<ColumnType> = new Set(["integer", "number", "date", "datetime", "time", "duration"]);

/**
 * What somebody wrote above a column: words that its cells hold; for what has an order also `> 5`, `<= 2026-03`, `= 7`
 * and `5..8`; `!` before it for the others, and `-` alone for what is missing. `undefined` while it says nothing yet.
 */
export function matcher(filter: string, type: ColumnType): Match | undefined {
  const wanted = filter.trim().toLowerCase();
  if (wanted === "") return undefined;
  if (wanted === "-") return (_, text) => text === null;
  if (wanted.startsWith("!")) {
    const not = matcher(wanted.slice(1), type);
    return not && ((value, text) => !not(value, text));
  }
  return (COMPARED.has(type) && compared(wanted, type)) || ((_, text) => text?.toLowerCase().includes(wanted) === true);
}

function compared(wanted: string, type: ColumnType): Match | undefined {
  const [, low, high] = /^(.*?)\.\.(.*)$/.exec(wanted) ?? [];
  if (low !== undefined && high !== undefined) {
    const tests = [low && test(">=", low, type), high && test("<=", high, type)].filter((one) => one !== "");
    return tests.length > 0 ? (value, text) => tests.every((one) => one?.(value, text) ?? true) : undefined;
  }
  const [, sign, bound] = /^(>=|<=|>|<|=)\s*(.+)$/.exec(wanted) ?? [];
  return sign === undefined || bound === undefined ? undefined : test(sign, bound.trim(), type);
}

function test(sign: string, bound: string, type: ColumnType): Match | undefined {
  const isNumber = type === "integer" || type === "number" || type === "duration";
  const limit = isNumber ? Number(bound) : bound.replace(" ", "t");
  if (typeof limit === "number" && Number.isNaN(limit)) return undefined;
  return (value) => {
    if (value === null || value === undefined) return false;
    // A date is as precise as what it is compared with: `<= 2026-03` holds on the 31st.
    const own = typeof limit === "number" ? Number(value) : String(value).toLowerCase().slice(0, limit.length);
    switch (sign) {
      case ">":
        return own > limit;
      case ">=":
        return own >= limit;
      case "<":
        return own < limit;
      case "<=":
        return own <= limit;
      default:
        return own === limit;
    }
  };
}
