// biome-ignore-all lint/a11y/useSemanticElements: a table would draw all its rows, this one draws what is in sight
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and says which of its rows is active
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid has the keys
import type { TraceRow } from "@convo/react";
import {
  type CSSProperties,
  type JSX,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useId,
  useRef,
} from "react";
import { Glyph } from "../../ui/Glyph";
import { surface } from "../../ui/surface";
import { rowsInSight, scrolledHeight, topToShow } from "../dataframe/geometry";
import { useSight } from "../dataframe/sight";

/** How far to the right a step may stand. */
const DEEPEST = 14;

/** What the grid must know of a node. */
interface Node {
  readonly id: string;
  readonly parent: Node | undefined;
  readonly depth: number;
  readonly children: readonly Node[];
}

interface Column<T> {
  readonly name: string;
  readonly className: string;
  /** In place of its name. */
  readonly head?: ReactNode;
  readonly cell: (node: T) => ReactNode;
}

interface TraceGridProps<T extends Node> {
  readonly label: string;
  readonly className: string;
  readonly rows: readonly TraceRow<T>[];
  /** The first holds the tree. */
  readonly columns: readonly Column<T>[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
  readonly onFold: (id: string, isOpen: boolean) => void;
  /** Go on to what is known of the chosen step. */
  readonly onEnter: () => void;
}

/** The steps in sight, as a grid whose rows are a tree. Its one tab stop is the grid itself. */
export function TraceGrid<T extends Node>({
  label,
  className,
  rows,
  columns,
  chosen,
  onChoose,
  onFold,
  onEnter,
}: TraceGridProps<T>): JSX.Element {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const sight = useSight(scroller, ".traced-heads", ".traced-heads");
  const sheet = { count: rows.length, height: sight.row, room: Math.max(0, sight.height - sight.head) };
  const { from, to, topOf } = rowsInSight(sheet, sight.top);
  const at = rows.findIndex(({ node }) => node.id === chosen);

  const show = useEffectEvent(() => {
    const element = scroller.current;
    if (element !== null && at >= 0) element.scrollTop = topToShow(sheet, element.scrollTop, at);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the row that is chosen stays in sight when that changes
  useEffect(() => show(), [chosen, sheet.room]);
  useEffect(() => {
    // Once what it is in has taken the focus.
    const frame = requestAnimationFrame(() => scroller.current?.focus({ preventScroll: true }));
    return () => cancelAnimationFrame(frame);
  }, []);

  const go = (index: number): void => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (row !== undefined) onChoose(row.node.id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const row = rows[at];
    const page = Math.max(1, Math.floor(sheet.room / sheet.height) - 1);
    const isParent = row !== undefined && row.node.children.length > 0;
    const [deeper, out] = surface.frame.dir === "rtl" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at < 0 ? 0 : at - 1),
      PageDown: () => go(at + page),
      PageUp: () => go(at - page),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      [deeper as string]: () => row && (row.isOpen ? go(at + 1) : isParent && onFold(row.node.id, true)),
      [out as string]: () =>
        row && (row.isOpen ? onFold(row.node.id, false) : onChoose(row.node.parent?.id ?? row.node.id)),
      " ": () => isParent && onFold(row.node.id, !row.isOpen),
      Enter: onEnter,
    };
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };

  const rowId = (index: number): string => `${id}-${index}`;
  const drawn: JSX.Element[] = [];
  for (let index = from; index < to; index++) {
    const row = rows[index];
    if (row === undefined) continue;
    const { node, isOpen } = row;
    const isParent = node.children.length > 0;
    drawn.push(
      <div
        key={node.id}
        id={rowId(index)}
        role="row"
        className="traced-row"
        aria-rowindex={index + 2}
        aria-level={node.depth + 1}
        aria-posinset={row.place}
        aria-setsize={row.siblings}
        aria-selected={index === at}
        aria-expanded={isParent ? isOpen : undefined}
        style={{ top: topOf(index), height: sheet.height, "--level": Math.min(node.depth, DEEPEST) } as CSSProperties}
        onClick={(event) => {
          const isSign = event.target instanceof Element && event.target.closest(".turn-sign") !== null;
          if (isSign && isParent) onFold(node.id, !isOpen);
          else onChoose(node.id);
        }}
        onDoubleClick={() => isParent && onFold(node.id, !isOpen)}
      >
        {columns.map((column, place) => (
          <div key={column.className} role="gridcell" className={`traced-cell ${column.className}`}>
            {place === 0 && (
              <span className={isOpen ? "turn-sign is-down" : "turn-sign"}>
                {isParent && <Glyph shape="chevron" small />}
              </span>
            )}
            {column.cell(node)}
          </div>
        ))}
      </div>,
    );
  }

  return (
    <div
      ref={scroller}
      role="treegrid"
      className={`traced ${className}`}
      tabIndex={0}
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={at >= from && at < to ? rowId(at) : undefined}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className="traced-heads">
        <div role="row" aria-rowindex={1} className="traced-head">
          {columns.map(({ name, className: kind, head }) => (
            <div key={kind} role="columnheader" className={`traced-cell ${kind}`}>
              {head === undefined ? (
                name
              ) : (
                <>
                  <span className="unseen">{name}</span>
                  {head}
                </>
              )}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="traced-body" style={{ height: scrolledHeight(sheet) }}>
        {drawn}
      </div>
    </div>
  );
}
