import { type JSX, useCallback, useEffect, useId, useState, useSyncExternalStore } from "react";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { copyText } from "../../ui/clipboard";
import { Glyph } from "../../ui/Glyph";
import { isOurs } from "../element/address";
import { Loading } from "../element/Pending";
import { Unshown } from "../element/Unshown";
import type { ViewerProps } from "../element/viewers";
import { Grid } from "./Grid";
import { saveAs } from "./save";
import { areaOf, type Selection } from "./selection";
import { Sheet } from "./sheet";
import "./dataframe.css";

/** A table to look through: sorted, searched, filtered, copied, saved. */
export function DataframeViewer({ element, url, place }: ViewerProps): JSX.Element {
  const [attempt, setAttempt] = useState(0);
  if (url === undefined) return <Unshown element={element} url={url} reason="empty" />;
  if (!isOurs(url)) return <Unshown element={element} url={url} reason="elsewhere" />;
  const retry = () => setAttempt((count) => count + 1);
  return <Opened key={`${url} ${attempt}`} element={element} url={url} place={place} onRetry={retry} />;
}

interface OpenedProps extends ViewerProps {
  readonly url: string;
  readonly onRetry: () => void;
}

function Opened({ element, url, place, onRetry }: OpenedProps): JSX.Element {
  const [sheet, setSheet] = useState<Sheet>();
  useEffect(() => {
    const opened = new Sheet(url);
    setSheet(opened);
    return () => opened.close();
  }, [url]);
  if (sheet === undefined) return <Loading />;
  return <Shown sheet={sheet} element={element} url={url} place={place} onRetry={onRetry} />;
}

function Shown({ sheet, element, url, place, onRetry }: OpenedProps & { readonly sheet: Sheet }): JSX.Element {
  useSyncExternalStore(sheet.subscribe, sheet.version);
  const [hasFilters, setHasFilters] = useState(false);
  const [selected, setSelection] = useState<Selection>();
  const [isOpen, setIsOpen] = useState(false);
  const open = useCallback(() => setIsOpen(true), []);
  if (sheet.failure !== undefined) {
    const canRetry = sheet.failure !== "missing";
    return <Unshown element={element} url={url} reason={sheet.failure} {...(canRetry && { onRetry })} />;
  }
  if (sheet.total === undefined) return <Loading />;

  const selection = selected !== undefined && selected.row < sheet.shown ? selected : undefined;
  const copied = async () => {
    if (selection === undefined || selection.row < 0) return "";
    const { from, to, first, end } = areaOf(selection);
    return sheet.copy(from, to, first, end);
  };
  const isFiltered = sheet.view.search !== "" || sheet.view.filters.size > 0;
  return (
    <figure
      className={`dataframe is-${place} is-${element.size ?? "large"}`}
      aria-label={element.name || strings.viewers.dataframe.table}
    >
      <div className="dataframe-tools">
        <span className="dataframe-name">
          {place === "inline" && (element.name || strings.viewers.dataframe.table)}
        </span>
        <label className="dataframe-search">
          <Glyph shape="search" small />
          <input
            type="search"
            aria-label={strings.viewers.dataframe.search}
            placeholder={strings.viewers.dataframe.search}
            value={sheet.view.search}
            onChange={(event) => sheet.search(event.target.value)}
          />
        </label>
        <button
          type="button"
          className="icon-button"
          aria-label={strings.viewers.dataframe.filters}
          title={strings.viewers.dataframe.filters}
          aria-pressed={hasFilters}
          onClick={() => {
            setHasFilters(!hasFilters);
            if (hasFilters && sheet.view.filters.size > 0) sheet.show({ ...sheet.view, filters: new Map() });
          }}
        >
          <Glyph shape="sliders" />
        </button>
        <SaveButton sheet={sheet} name={element.name} />
      </div>
      <div className="dataframe-sheet">
        <Grid
          sheet={sheet}
          label={element.name || strings.viewers.dataframe.table}
          hasFilters={hasFilters}
          selection={selection}
          onSelect={(next) => {
            setSelection(next);
            if (next === undefined) setIsOpen(false);
          }}
          onCopy={() => void copied().then(copyText)}
          onOpen={open}
        />
        {sheet.shown === 0 && (
          <div className="dataframe-none">
            {sheet.total === 0 ? strings.viewers.dataframe.empty : strings.viewers.dataframe.none}
            {isFiltered && (
              <button
                type="button"
                className="button"
                onClick={() => {
                  setHasFilters(false);
                  sheet.show({ ...sheet.view, search: "", filters: new Map() });
                }}
              >
                {strings.viewers.dataframe.clear}
              </button>
            )}
          </div>
        )}
      </div>
      <div className="dataframe-foot">
        <span role="status">{stateOf(sheet)}</span>
        {selection !== undefined && selection.row >= 0 && (
          <Chosen
            sheet={sheet}
            selection={selection}
            isOpen={isOpen}
            onToggle={() => setIsOpen(!isOpen)}
            copied={copied}
          />
        )}
      </div>
    </figure>
  );
}

function stateOf(sheet: Sheet): string {
  const { total = 0, come, shown, columns, isWhole, isBusy } = sheet;
  if (!isWhole) return strings.viewers.dataframe.coming({ rows: come, total });
  if (isBusy) return strings.viewers.dataframe.working;
  return shown === total
    ? strings.viewers.dataframe.size({ rows: total, columns: columns.length })
    : strings.viewers.dataframe.shown({ rows: shown, total });
}

interface ChosenProps {
  readonly sheet: Sheet;
  readonly selection: Selection;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly copied: () => Promise<string>;
}

/** The whole of the one cell that is selected, or how many are; and a way to copy them. */
function Chosen({ sheet, selection, isOpen, onToggle, copied }: ChosenProps): JSX.Element {
  const id = useId();
  const { row, column } = selection;
  const { from, to, first, end } = areaOf(selection);
  const isOne = to - from === 1 && end - first === 1;
  const [whole, setWhole] = useState<string>();
  const { viewed } = sheet;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view has another cell there
  useEffect(() => {
    let isGone = false;
    void sheet.wholeCell(row, column).then((text) => {
      if (!isGone) setWhole(text);
    });
    return () => {
      isGone = true;
    };
  }, [sheet, row, column, viewed]);
  const name = sheet.columns[column]?.name || strings.viewers.dataframe.index;
  return (
    <>
      {isOne ? (
        <button
          type="button"
          className="dataframe-chosen"
          aria-expanded={isOpen}
          aria-controls={id}
          title={strings.viewers.dataframe.whole}
          onClick={onToggle}
        >
          <Glyph shape="chevron" small />
          <span className="dataframe-chosen-name">{name}</span>
          <span className="dataframe-chosen-value">{isOpen ? "" : whole}</span>
        </button>
      ) : (
        <span className="dataframe-chosen">
          {strings.viewers.dataframe.selected({ rows: to - from, columns: end - first })}
        </span>
      )}
      <CopyButton text={copied} label={strings.viewers.dataframe.copy} done={strings.viewers.dataframe.copied} />
      {isOne && isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
        <pre id={id} className="dataframe-whole" tabIndex={0}>
          {whole === "" ? strings.viewers.dataframe.missing : whole}
        </pre>
      )}
    </>
  );
}

function SaveButton({ sheet, name }: { readonly sheet: Sheet; readonly name: string }): JSX.Element {
  const [isBusy, setIsBusy] = useState(false);
  const save = async () => {
    setIsBusy(true);
    saveAs(await sheet.csv(), `${name.replace(/\.csv$/i, "") || strings.viewers.dataframe.file}.csv`);
    setIsBusy(false);
  };
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={strings.viewers.dataframe.save}
      title={strings.viewers.dataframe.save}
      disabled={isBusy || !sheet.isWhole}
      onClick={() => void save()}
    >
      {isBusy ? <span className="spin" /> : <Glyph shape="download" />}
    </button>
  );
}
