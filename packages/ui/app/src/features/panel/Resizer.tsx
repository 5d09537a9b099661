import { type JSX, type KeyboardEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { strings } from "../../strings";
import { surface } from "../../ui/surface";

const LEAST = 288;
/** What is left for the chat. */
const REST = 360;
const STEP = 24;

/** The edge of a panel, whose width is kept by its name: dragged, or moved by the arrow keys; a double click gives back the usual width. */
export function Resizer({ of }: { of: string }): JSX.Element {
  const [width, setWidth] = useState(() => readWidth(of));
  const edge = useRef<HTMLHRElement>(null);
  const isDragged = useRef(false);
  const most = Math.max(LEAST, innerWidth - REST);
  useEffect(() => {
    const panel = edge.current?.parentElement;
    if (!panel) return;
    if (width === undefined) panel.style.removeProperty("width");
    else panel.style.width = `${width}px`;
    saveWidth(of, width);
  }, [of, width]);
  const [usual, setUsual] = useState(LEAST);
  useLayoutEffect(() => {
    if (width === undefined) setUsual(edge.current?.parentElement?.offsetWidth ?? LEAST);
  }, [width]);
  const set = (next: number) => setWidth(Math.round(Math.min(most, Math.max(LEAST, next))));
  const onKeyDown = (event: KeyboardEvent) => {
    const now = edge.current?.parentElement?.offsetWidth ?? LEAST;
    const [wider, narrower] = surface.frame.dir === "rtl" ? ["ArrowRight", "ArrowLeft"] : ["ArrowLeft", "ArrowRight"];
    if (event.key === wider) set(now + STEP);
    else if (event.key === narrower) set(now - STEP);
    else if (event.key === "Home") setWidth(undefined);
    else return;
    event.preventDefault();
  };
  const onMove = (event: PointerEvent) => {
    if (isDragged.current) set(surface.frame.dir === "rtl" ? event.clientX : innerWidth - event.clientX);
  };
  return (
    <hr
      ref={edge}
      className="panel-edge"
      aria-orientation="vertical"
      aria-label={strings.panel.resize}
      aria-valuenow={width ?? usual}
      aria-valuemin={LEAST}
      aria-valuemax={most}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onDoubleClick={() => setWidth(undefined)}
      onPointerDown={(event) => {
        isDragged.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={onMove}
      onPointerUp={() => {
        isDragged.current = false;
      }}
      onPointerCancel={() => {
        isDragged.current = false;
      }}
    />
  );
}

const keyOf = (of: string): string => `convo:${of}-width`;

function readWidth(of: string): number | undefined {
  try {
    const width = Number(surface.local.getItem(keyOf(of)));
    return width >= LEAST ? Math.min(width, Math.max(LEAST, innerWidth - REST)) : undefined;
  } catch {
    return undefined;
  }
}

function saveWidth(of: string, width: number | undefined): void {
  try {
    if (width === undefined) surface.local.removeItem(keyOf(of));
    else surface.local.setItem(keyOf(of), String(width));
  } catch {
    // Without storage the next page begins with the usual width.
  }
}
