import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** Pixels from the end that still count as being there. */
const NEAR = 48;

interface Bottom {
  readonly isAway: boolean;
  goThere(): void;
}

/** Pixels below the top of the frame where something is looked for that can be held. */
const PROBES = [4, 40, 120];

/**
 * Keeps the end of what grows in `frame` in view until the reader scrolls up, and again once he is back. Where he reads
 * further up, what he reads stays where it is, whatever grows above it: not all browsers see to that by themselves, and
 * none does at the very top.
 */
export function useBottom(frame: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>): Bottom {
  const follows = useRef(true);
  const [isAway, setIsAway] = useState(false);
  useEffect(() => {
    const element = frame.current;
    const inner = content.current;
    if (!element || !inner) return;
    let last = element.scrollTop;
    let held: { turn: Element; top: number } | undefined;
    const hold = () => {
      const turn = turnAtTop(element);
      held = turn && { turn, top: turn.getBoundingClientRect().top };
    };
    const onScroll = () => {
      const isNear = element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR;
      if (isNear) follows.current = true;
      else if (element.scrollTop < last) follows.current = false;
      last = element.scrollTop;
      setIsAway(!isNear && !follows.current);
      if (!follows.current) hold();
    };
    const onGrowth = () => {
      if (follows.current) {
        element.scrollTop = element.scrollHeight;
        return;
      }
      if (held?.turn.isConnected) element.scrollTop += held.turn.getBoundingClientRect().top - held.top;
      hold();
    };
    const observer = new ResizeObserver(onGrowth);
    observer.observe(inner);
    observer.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, [frame, content]);
  const goThere = useCallback(() => {
    follows.current = true;
    setIsAway(false);
    const element = frame.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [frame]);
  return { isAway, goThere };
}

/** The turn that stands at the top of what can be seen, or the group of it as long as that is not painted. */
function turnAtTop(frame: HTMLElement): Element | undefined {
  const { left, top, width } = frame.getBoundingClientRect();
  for (const below of PROBES) {
    const turn = document.elementFromPoint(left + width / 2, top + below)?.closest(".turn, .turns");
    if (turn) return turn;
  }
  return undefined;
}
