import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** Pixels from the end that still count as being there. */
const NEAR = 48;

interface Bottom {
  readonly isAway: boolean;
  goThere(): void;
}

/** Keeps the end of what grows in `frame` in view until the reader scrolls up, and again once he is back. */
export function useBottom(frame: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>): Bottom {
  const follows = useRef(true);
  const [isAway, setIsAway] = useState(false);
  useEffect(() => {
    const element = frame.current;
    const inner = content.current;
    if (!element || !inner) return;
    let last = element.scrollTop;
    const onScroll = () => {
      const isNear = element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR;
      if (isNear) follows.current = true;
      else if (element.scrollTop < last) follows.current = false;
      last = element.scrollTop;
      setIsAway(!isNear && !follows.current);
    };
    const onGrowth = () => {
      if (follows.current) element.scrollTop = element.scrollHeight;
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
