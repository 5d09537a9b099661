/** By which column rows stand, and which way. */
export interface Order {
  readonly column: number;
  readonly isDescending: boolean;
}

/** What a reader wants to see of a table. */
export interface View {
  /** As they came, without one. */
  readonly order: Order | undefined;
  /** Words that a row holds, in whatever column. */
  readonly search: string;
  /** What a column's values are, by its number. */
  readonly filters: ReadonlyMap<number, string>;
}

export const WHOLE: View = { order: undefined, search: "", filters: new Map() };

/** Up, down, and as they came. */
export function nextOrder(order: Order | undefined, column: number): Order | undefined {
  if (order?.column !== column) return { column, isDescending: false };
  return order.isDescending ? undefined : { column, isDescending: true };
}
