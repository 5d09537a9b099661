import type { JSX } from "react";

const shapes = {
  plus: "M12 5v14M5 12h14",
  check: "m5 12.500 4.500 4.500L19 7.500",
  cross: "m6 6 12 12M18 6 6 18",
  copy: "M11.500 9h6A2.500 2.500 0 0 1 20 11.500v6a2.500 2.500 0 0 1-2.500 2.500h-6A2.500 2.500 0 0 1 9 17.500v-6A2.500 2.500 0 0 1 11.500 9zM5.500 15H5a1.500 1.500 0 0 1-1.500-1.500V5A1.500 1.500 0 0 1 5 3.500h8.500A1.500 1.500 0 0 1 15 5v.5",
  wrap: "M4 6h16M4 12h13a3 3 0 0 1 0 6h-4m0 0 2.200-2.200M13 18l2.200 2.200M4 18h4",
  arrowUp: "M12 19V5m0 0-6 6m6-6 6 6",
  arrowDown: "M12 5v14m0 0-6-6m6 6 6-6",
  chevron: "m9.500 6 6 6-6 6",
  bolt: "M13 3 5 13.500h6L10.500 21 19 10.500h-6z",
  chat: "M20 12a8 8 0 0 1-11.600 7.100L4 20l1-4.100A8 8 0 1 1 20 12z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500V4m0 16v1.500M4.600 4.600l1 1m12.800 12.800 1 1M2.500 12H4m16 0h1.500M4.600 19.400l1-1M18.400 5.600l1-1",
  moon: "M20 14.200A8 8 0 0 1 9.800 4 8 8 0 1 0 20 14.200z",
  screen:
    "M5 4.500h14A1.500 1.500 0 0 1 20.500 6v9a1.500 1.500 0 0 1-1.500 1.500H5A1.500 1.500 0 0 1 3.500 15V6A1.500 1.500 0 0 1 5 4.500zM9 20h6",
  warning: "M12 4 2.800 19.500h18.400zM12 10v4m0 3v.01",
  stopped: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM9.500 9.500h5v5h-5z",
  offline:
    "M3 3l18 18M8.500 14.500a5 5 0 0 1 5.200-1.200M5.500 11.500a9 9 0 0 1 3.300-2M12 18.500v.01M13 8.600a9 9 0 0 1 5.500 2.900",
} as const;

export type Shape = keyof typeof shapes;

/** A drawn sign. It says nothing to a screen reader: its button or neighbour carries the words. */
export function Glyph({ shape, small = false }: { shape: Shape; small?: boolean }): JSX.Element {
  return (
    <svg className={small ? "glyph glyph-small" : "glyph"} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={shapes[shape]} />
    </svg>
  );
}
