import { type CSSProperties, type JSX, type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { Glyph } from "../../ui/Glyph";
import {
  copyOf,
  idOf,
  LONG_TEXT,
  type Path,
  pathText,
  type Row,
  revealed,
  rowsOf,
  type Unfolded,
  unfoldedAtFirst,
} from "./nodes";

interface JsonTreeProps {
  readonly value: unknown;
  readonly label: string;
  /** A place to unfold and go to. */
  readonly target?: Path | undefined;
}

/** A JSON value that unfolds. One row has the focus; its path and value can be copied below. */
export function JsonTree({ value, label, target }: JsonTreeProps): JSX.Element {
  const [unfolded, setUnfolded] = useState<Unfolded>(() => ({ open: unfoldedAtFirst(value), ranges: new Map() }));
  const [chosen, setChosen] = useState(idOf([]));
  const tree = useRef<HTMLDivElement>(null);
  const moves = useRef(false);
  const rows = useMemo(() => rowsOf(value, unfolded), [value, unfolded]);
  const at = Math.max(
    0,
    rows.findIndex((row) => row.id === chosen),
  );
  const current = rows[at];

  useEffect(() => {
    if (target === undefined) return;
    setUnfolded((before) => revealed(before, value, target));
    setChosen(idOf(target));
  }, [target, value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when another row is chosen
  useEffect(() => {
    const row = tree.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (moves.current) row?.focus();
    if (moves.current || target !== undefined) row?.scrollIntoView({ block: "nearest" });
    moves.current = false;
  }, [chosen, target, rows]);

  const toggle = (row: Row): void => {
    const id = idOf(row.path);
    setUnfolded(({ open, ranges }) => {
      if (row.kind === "more") return { open, ranges: new Map(ranges).set(id, row.range) };
      const changed = new Set(open);
      if (!changed.delete(id)) changed.add(id);
      return { open: changed, ranges };
    });
  };
  const go = (row: Row | undefined): void => {
    if (row === undefined) return;
    moves.current = true;
    setChosen(row.id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (current === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const isOpen = current.kind === "value" && current.isOpen;
    const parent = () => rows.findLast((row, index) => index < at && row.path.length < current.path.length);
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(rows[at + 1]),
      ArrowUp: () => go(rows[at - 1]),
      Home: () => go(rows[0]),
      End: () => go(rows.at(-1)),
      ArrowRight: () => (isOpen ? go(rows[at + 1]) : unfolds(current) && toggle(current)),
      ArrowLeft: () => (isOpen ? toggle(current) : go(parent())),
      Enter: () => unfolds(current) && toggle(current),
      " ": () => unfolds(current) && toggle(current),
    };
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };

  return (
    <>
      <div ref={tree} role="tree" aria-label={label} className="json-tree" onKeyDown={onKeyDown}>
        {rows.map((row) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys
          <div
            key={row.id}
            role="treeitem"
            className="json-row"
            tabIndex={row === current ? 0 : -1}
            aria-level={row.path.length + (row.kind === "more" ? 2 : 1)}
            aria-selected={row === current}
            {...(row.kind === "value" && unfolds(row) && { "aria-expanded": row.isOpen })}
            style={{ "--level": Math.min(row.path.length + (row.kind === "more" ? 1 : 0), 12) } as CSSProperties}
            onClick={() => {
              setChosen(row.id);
              if (unfolds(row)) toggle(row);
            }}
          >
            <RowWords row={row} />
          </div>
        ))}
      </div>
      {current?.kind === "value" && (
        <div className="json-foot">
          <code>{pathText(current.path)}</code>
          <CopyButton
            key={`path ${current.id}`}
            text={() => pathText(current.path)}
            label={strings.json.copyPath}
            done={strings.code.copied}
            labelled
          />
          <CopyButton
            key={current.id}
            text={() => copyOf(current.value)}
            label={strings.json.copyValue}
            done={strings.code.copied}
            labelled
          />
        </div>
      )}
    </>
  );
}

function unfolds(row: Row): boolean {
  if (row.kind === "more") return true;
  if (row.size !== undefined) return row.size > 0;
  return typeof row.value === "string" && row.value.length > LONG_TEXT;
}

function RowWords({ row }: { row: Row }): JSX.Element {
  if (row.kind === "more")
    return <span className="json-more">{strings.json.more({ left: row.left, size: row.size })}</span>;
  const key = row.path.at(-1);
  return (
    <>
      <span className={row.isOpen ? "turn-sign is-down" : "turn-sign"}>
        {unfolds(row) && <Glyph shape="chevron" small />}
      </span>
      {key !== undefined && <span className={typeof key === "number" ? "json-index" : "json-key"}>{key}</span>}
      <Words row={row} />
    </>
  );
}

/** Of a text that is unfolded; the clipboard has all of it. */
const MOST = 20_000;

function Words({ row }: { row: Row & { kind: "value" } }): JSX.Element {
  const { value, size, isOpen } = row;
  if (size !== undefined)
    return (
      <span className="json-size">
        {Array.isArray(value) ? strings.json.items({ count: size }) : strings.json.keys({ count: size })}
      </span>
    );
  if (typeof value !== "string") return <span className="json-plain">{String(value)}</span>;
  const most = isOpen ? MOST : LONG_TEXT;
  const text = value.length > most ? `${value.slice(0, most)}…` : value;
  return <span className={isOpen ? "json-text is-open" : "json-text"}>{isOpen ? text : JSON.stringify(text)}</span>;
}
