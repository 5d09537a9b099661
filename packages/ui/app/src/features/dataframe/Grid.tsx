// biome-ignore-all lint/a11y/useSemanticElements: a table would draw all its rows, this one draws what is in sight
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and says which of its cells is active
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid has the keys
// biome-ignore-all lint/a11y/noStaticElementInteractions: Alt and the arrows do by keyboard what the grip does
import { type JSX, type KeyboardEvent, type PointerEvent, useEffect, useId, useMemo, useRef } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { columnStarts, columnsInSight, leftToShow, rowsInSight, scrolledHeight, topToShow } from "./geometry";
import { isInside, isNumeric, type Selection } from "./selection";
import type { Sheet } from "./sheet";
import { useSight } from "./sight";
import type { Column } from "./table";

interface GridProps {
  readonly sheet: Sheet;
  readonly label: string;
  readonly hasFilters: boolean;
  readonly selection: Selection | undefined;
  readonly onSelect: (selection: Selection | undefined) => void;
  readonly onCopy: () => void;
  /** Show the whole of the cell that is selected. */
  readonly onOpen: () => void;
}

/** What is in sight of the sheet, as a grid to walk by keyboard. Its one tab stop is the grid itself. */
export function Grid({ sheet, label, hasFilters, selection, onSelect, onCopy, onOpen }: GridProps): JSX.Element {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const sight = useSight(scroller, ".sheet-heads", ".sheet-head");
  const starts = useMemo(() => columnStarts(sheet.widths, sight.width), [sheet.widths, sight.width]);
  const { first, end } = columnsInSight(starts, sight.left, sight.width);
  const rows = { count: sheet.shown, height: sight.row, room: Math.max(0, sight.height - sight.head) };
  const { from, to, topOf } = rowsInSight(rows, sight.top);
  const width = starts.at(-1) ?? 0;
  const headRows = hasFilters ? 2 : 1;

  useEffect(() => {
    sheet.want(from, to, first, end);
  });

  const goTo = (row: number, column: number, isMore: boolean) => {
    const target = { row: clamp(row, -1, sheet.shown - 1), column: clamp(column, 0, sheet.columns.length - 1) };
    const keeps = isMore && selection !== undefined && selection.row >= 0 && target.row >= 0;
    onSelect({ ...target, anchor: keeps ? selection.anchor : target });
    const element = scroller.current;
    if (element === null) return;
    element.scrollTo({
      top: target.row < 0 ? element.scrollTop : topToShow(rows, element.scrollTop, target.row),
      left: leftToShow(starts, element.scrollLeft, element.clientWidth, target.column),
    });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return; // a filter's own keys
    const at = selection ?? { row: -1, column: 0 };
    const page = Math.max(1, Math.floor(rows.room / rows.height) - 1);
    const isFar = event.ctrlKey || event.metaKey;
    const steps: Readonly<Record<string, () => void>> = {
      ArrowDown: () => goTo(isFar ? sheet.shown - 1 : at.row + 1, at.column, event.shiftKey),
      ArrowUp: () => goTo(isFar ? 0 : at.row - 1, at.column, event.shiftKey),
      ArrowRight: () =>
        event.altKey
          ? sheet.resize(at.column, (sheet.widths[at.column] ?? 0) + 16)
          : goTo(at.row, isFar ? sheet.columns.length - 1 : at.column + 1, event.shiftKey),
      ArrowLeft: () =>
        event.altKey
          ? sheet.resize(at.column, (sheet.widths[at.column] ?? 0) - 16)
          : goTo(at.row, isFar ? 0 : at.column - 1, event.shiftKey),
      PageDown: () => goTo(at.row + page, at.column, event.shiftKey),
      PageUp: () => goTo(Math.max(0, at.row - page), at.column, event.shiftKey),
      Home: () => goTo(isFar ? 0 : at.row, 0, event.shiftKey),
      End: () => goTo(isFar ? sheet.shown - 1 : at.row, sheet.columns.length - 1, event.shiftKey),
      Enter: () => (at.row < 0 ? sheet.sort(at.column) : onOpen()),
      " ": () => at.row < 0 && sheet.sort(at.column),
    };
    if (isFar && event.key.toLowerCase() === "a") {
      onSelect({ row: sheet.shown - 1, column: sheet.columns.length - 1, anchor: { row: 0, column: 0 } });
    } else if (isFar && event.key.toLowerCase() === "c") {
      onCopy();
    } else if (event.key === "Escape" && selection !== undefined) {
      onSelect(undefined);
    } else if (Object.hasOwn(steps, event.key)) {
      steps[event.key]?.();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const pick = (target: EventTarget, isMore: boolean) => {
    const cell = target instanceof Element ? target.closest<HTMLElement>("[data-row]") : null;
    if (cell === null) return;
    const { row, column } = cell.dataset;
    goTo(Number(row), Number(column), isMore);
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.pointerType === "mouse" && event.button === 0) pick(event.target, event.shiftKey);
  };
  const onPointerOver = (event: PointerEvent) => {
    if (event.pointerType === "mouse" && event.buttons === 1 && selection !== undefined) pick(event.target, true);
  };

  const cellId = (row: number, column: number) => `${id}-${row}-${column}`;
  const isActiveInSight =
    selection !== undefined &&
    selection.column >= first &&
    selection.column < end &&
    (selection.row < 0 || (selection.row >= from && selection.row < to));

  const drawn: JSX.Element[] = [];
  for (let row = from; row < to; row++) {
    const cells: JSX.Element[] = [];
    for (let column = first; column < end; column++) {
      const text = sheet.textOf(row, column);
      const isActive = selection?.row === row && selection.column === column;
      const of = sheet.columns[column];
      cells.push(
        <div
          key={column}
          id={cellId(row, column)}
          role="gridcell"
          aria-colindex={column + 1}
          aria-selected={isInside(selection, row, column)}
          className={cellClass(of, text, isActive)}
          data-row={row}
          data-column={column}
          style={{ left: starts[column], width: (starts[column + 1] ?? 0) - (starts[column] ?? 0) }}
        >
          {text === null ? <span className="unseen">{strings.viewers.dataframe.missing}</span> : text}
        </div>,
      );
    }
    drawn.push(
      <div
        key={row}
        role="row"
        aria-rowindex={row + headRows + 1}
        className="sheet-row"
        style={{ top: topOf(row), height: rows.height }}
      >
        {cells}
      </div>,
    );
  }

  const heads: JSX.Element[] = [];
  const filters: JSX.Element[] = [];
  for (let column = first; column < end; column++) {
    const of = sheet.columns[column];
    if (of === undefined) continue;
    const place = { left: starts[column], width: (starts[column + 1] ?? 0) - (starts[column] ?? 0) };
    heads.push(
      <Heading
        key={column}
        id={cellId(-1, column)}
        column={of}
        at={column}
        sheet={sheet}
        isActive={selection?.row === -1 && selection.column === column}
        place={place}
        onPick={() => {
          goTo(-1, column, false);
          sheet.sort(column);
        }}
      />,
    );
    filters.push(
      <div key={column} role="gridcell" aria-colindex={column + 1} className="sheet-filter" style={place}>
        <input
          type="search"
          aria-label={strings.viewers.dataframe.filterOf({ column: of.name || strings.viewers.dataframe.index })}
          placeholder={filterHint(of)}
          value={sheet.view.filters.get(column) ?? ""}
          onChange={(event) => sheet.filter(column, event.target.value)}
        />
      </div>,
    );
  }

  return (
    <div
      ref={scroller}
      className="sheet"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={sheet.shown + headRows}
      aria-colcount={sheet.columns.length}
      aria-multiselectable="true"
      aria-busy={sheet.isBusy || !sheet.isWhole}
      aria-activedescendant={isActiveInSight ? cellId(selection.row, selection.column) : undefined}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerOver={onPointerOver}
      onClick={(event) => {
        if (!event.shiftKey && isTouch(event.nativeEvent)) pick(event.target, false);
      }}
      onDoubleClick={(event) => {
        if (event.target instanceof Element && event.target.closest("[data-row]")) onOpen();
      }}
    >
      <div role="rowgroup" className="sheet-heads" style={{ width }}>
        <div role="row" aria-rowindex={1} className="sheet-head">
          {heads}
        </div>
        {hasFilters && (
          <div role="row" aria-rowindex={2} className="sheet-filters">
            {filters}
          </div>
        )}
      </div>
      <div role="rowgroup" className="sheet-body" style={{ width, height: scrolledHeight(rows) }}>
        {drawn}
      </div>
    </div>
  );
}

interface HeadingProps {
  readonly id: string;
  readonly column: Column;
  readonly at: number;
  readonly sheet: Sheet;
  readonly isActive: boolean;
  readonly place: { readonly left: number | undefined; readonly width: number };
  readonly onPick: () => void;
}

function Heading({ id, column, at, sheet, isActive, place, onPick }: HeadingProps): JSX.Element {
  const { order } = sheet.view;
  const sorted = order?.column === at ? (order.isDescending ? "descending" : "ascending") : "none";
  const grip = (event: PointerEvent<HTMLSpanElement>) => {
    event.stopPropagation();
    const { currentTarget: target, pointerId, clientX } = event;
    const before = place.width;
    target.setPointerCapture(pointerId);
    target.onpointermove = (move) => sheet.resize(at, before + move.clientX - clientX);
    target.onlostpointercapture = () => {
      target.onpointermove = null;
    };
  };
  return (
    <div
      id={id}
      role="columnheader"
      aria-colindex={at + 1}
      aria-sort={sorted}
      className={`sheet-cell sheet-heading${isNumeric(column) ? " is-number" : ""}${isActive ? " is-active" : ""}`}
      style={place}
      title={column.name}
      onClick={onPick}
    >
      <span className={column.name === "" ? "sheet-name is-missing" : "sheet-name"}>
        {column.name || strings.viewers.dataframe.index}
      </span>
      {sorted !== "none" && <Glyph shape={sorted === "ascending" ? "arrowUp" : "arrowDown"} small />}
      <span className="sheet-grip" onPointerDown={grip} onClick={(event) => event.stopPropagation()} />
    </div>
  );
}

function cellClass(column: Column | undefined, text: string | null | undefined, isActive: boolean): string {
  const isSpecial = text === null || text === undefined;
  return [
    "sheet-cell",
    column !== undefined && isNumeric(column) && "is-number",
    column?.isIndex && "is-index",
    column?.type === "json" && "is-json",
    isSpecial && "is-missing",
    isActive && "is-active",
  ]
    .filter(Boolean)
    .join(" ");
}

function filterHint({ type }: Column): string {
  if (type === "boolean") return strings.viewers.dataframe.filterBoolean;
  return type === "text" || type === "json"
    ? strings.viewers.dataframe.filterText
    : strings.viewers.dataframe.filterOrder;
}

function isTouch(event: MouseEvent): boolean {
  return !(event instanceof globalThis.PointerEvent) || event.pointerType !== "mouse";
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
