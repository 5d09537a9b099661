import { useLayoutEffect, useState } from "react";

export interface Sight {
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
  readonly head: number;
  readonly row: number;
}

/** What of a sheet is in sight, at most once a frame. `heads` stand above it; a row is as high as `head` in them. */
export function useSight(scroller: { readonly current: HTMLDivElement | null }, heads: string, head: string): Sight {
  const [sight, setSight] = useState<Sight>({ top: 0, left: 0, width: 0, height: 0, head: 0, row: 32 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    let frame = 0;
    const look = () => {
      frame = 0;
      const { scrollTop: top, scrollLeft: left, clientWidth: width, clientHeight: height } = element;
      const above = element.querySelector<HTMLElement>(heads)?.offsetHeight ?? 0;
      const row = element.querySelector<HTMLElement>(head)?.offsetHeight || 32;
      setSight((before) => {
        const now = { top, left, width, height, head: above, row };
        return Object.entries(now).every(([key, value]) => before[key as keyof Sight] === value) ? before : now;
      });
    };
    const soon = () => {
      frame ||= requestAnimationFrame(look);
    };
    look();
    element.addEventListener("scroll", soon, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener("scroll", soon);
      observer.disconnect();
    };
  }, [scroller, heads, head]);
  return sight;
}
