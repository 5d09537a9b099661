import type { Column } from "./table";

export interface Cell {
  /** −1 is the heading. */
  readonly row: number;
  readonly column: number;
}

/** The active cell, and the corner across from it of all that is selected. */
export interface Selection extends Cell {
  readonly anchor: Cell;
}

/** Rows and columns of what is selected; `to` and `end` are not part of it. */
export function areaOf({ row, column, anchor }: Selection): { from: number; to: number; first: number; end: number } {
  return {
    from: Math.min(row, anchor.row),
    to: Math.max(row, anchor.row) + 1,
    first: Math.min(column, anchor.column),
    end: Math.max(column, anchor.column) + 1,
  };
}

export function isInside(selection: Selection | undefined, row: number, column: number): boolean {
  if (selection === undefined) return false;
  const { from, to, first, end } = areaOf(selection);
  return row >= from && row < to && column >= first && column < end;
}

/** Its values stand at the right. */
export function isNumeric({ type }: Column): boolean {
  return type === "integer" || type === "number" || type === "duration";
}
