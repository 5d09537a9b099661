import { type JSX, type PointerEvent, useEffect, useRef, useState } from "react";
import { strings } from "../../strings";
import type { Picture } from "./Lightbox";
import type { Zoom } from "./zoom";

/** Pixels that a finger moves, at least, to turn to another picture. */
const SWEEP = 56;

interface CanvasProps {
  readonly picture: Picture;
  readonly zoom: Zoom;
  readonly onClose: () => void;
  /** A finger swept over it: to the next, or back. */
  readonly onSweep: (step: 1 | -1) => void;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The picture: enlarged by wheel, by two fingers and by a double click, moved by dragging. */
export function Canvas({ picture, zoom, onClose, onSweep }: CanvasProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const pointers = useRef(new Map<number, Point>());
  const [isBroken, setIsBroken] = useState(false);
  const by = useRef(zoom.by);
  by.current = zoom.by;
  useEffect(() => {
    const element = frame.current;
    // React listens passively to the wheel, and then the page would scroll.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      by.current(Math.exp(-event.deltaY / 400), ...fromMiddle(element, event.clientX, event.clientY));
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, []);
  const onMove = (event: PointerEvent<HTMLDivElement>) => {
    const before = pointers.current.get(event.pointerId);
    if (before === undefined) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, now);
    if (other === undefined) zoom.move(now.x - before.x, now.y - before.y);
    else {
      const middle = fromMiddle(frame.current, (now.x + other.x) / 2, (now.y + other.y) / 2);
      zoom.by(distance(now, other) / Math.max(1, distance(before, other)), ...middle);
    }
  };
  const start = useRef<Point>(undefined);
  const onLift = (event: PointerEvent) => {
    const from = start.current;
    start.current = undefined;
    if (from && event.type === "pointerup" && pointers.current.size === 1) {
      const [x, y] = [event.clientX - from.x, event.clientY - from.y];
      if (Math.abs(x) > SWEEP && Math.abs(x) > 2 * Math.abs(y)) onSweep(x < 0 ? 1 : -1);
    }
    pointers.current.delete(event.pointerId);
  };
  const { scale, x, y } = zoom.view;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: buttons and keys do the same
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it too
    <div
      ref={frame}
      className={scale > 1 ? "lightbox-frame is-enlarged" : "lightbox-frame"}
      onPointerDown={(event) => {
        pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
        const isSweep = event.pointerType === "touch" && scale === 1 && pointers.current.size === 1;
        start.current = isSweep ? { x: event.clientX, y: event.clientY } : undefined;
        if (scale > 1) event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={onMove}
      onPointerUp={onLift}
      onPointerCancel={onLift}
      onPointerLeave={onLift}
      onDoubleClick={(event) => {
        if (scale > 1) zoom.reset();
        else zoom.by(2.5, ...fromMiddle(frame.current, event.clientX, event.clientY));
      }}
      onClick={(event) => {
        if (event.target === frame.current && scale === 1) onClose();
      }}
    >
      {isBroken ? (
        <p>{strings.image.broken}</p>
      ) : (
        <img
          src={picture.url}
          alt={picture.name}
          draggable={false}
          style={{ transform: `translate(${x}px, ${y}px) scale(${scale})` }}
          onError={() => setIsBroken(true)}
        />
      )}
    </div>
  );
}

function fromMiddle(element: HTMLElement | null, x: number, y: number): [number, number] {
  const box = element?.getBoundingClientRect();
  return box === undefined ? [0, 0] : [x - box.left - box.width / 2, y - box.top - box.height / 2];
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
