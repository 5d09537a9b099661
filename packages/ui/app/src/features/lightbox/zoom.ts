import { useState } from "react";

/** How a picture is seen: enlarged `scale` times, and moved by so many pixels. */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Zoom {
  readonly view: View;
  readonly isWhole: boolean;
  readonly isMost: boolean;
  /** Enlarge, keeping the point (from the middle of the frame) where it is. */
  by(factor: number, x?: number, y?: number): void;
  move(x: number, y: number): void;
  reset(): void;
}

const WHOLE: View = { scale: 1, x: 0, y: 0 };
const MOST = 8;

/** The view of one picture after the other: each begins whole. */
export function useZoom(id: string): Zoom {
  const [state, setState] = useState({ id, view: WHOLE });
  const view = state.id === id ? state.view : WHOLE;
  const change = (next: (view: View) => View) =>
    setState((before) => ({ id, view: next(before.id === id ? before.view : WHOLE) }));
  return {
    view,
    isWhole: view.scale === 1,
    isMost: view.scale === MOST,
    by: (factor, x = 0, y = 0) => change((before) => enlarged(before, factor, x, y)),
    move: (x, y) => change((before) => (before.scale === 1 ? before : { ...before, x: before.x + x, y: before.y + y })),
    reset: () => change(() => WHOLE),
  };
}

export function enlarged(view: View, factor: number, x: number, y: number): View {
  const scale = Math.min(MOST, Math.max(1, view.scale * factor));
  if (scale === 1) return WHOLE;
  const grown = scale / view.scale;
  return { scale, x: x - (x - view.x) * grown, y: y - (y - view.y) * grown };
}
