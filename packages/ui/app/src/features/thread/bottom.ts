import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { surface } from "../../ui/surface";

/** Pixels from the end that still count as being there. */
const NEAR = 48;

interface Bottom {
  readonly isAway: boolean;
  goThere(): void;
}

/** Pixels below the top of the frame where something is looked for that can be held. */
const PROBES = [4, 40, 120];

interface Place {
  /** The message at the top of what is seen, and its distance from there in pixels. */
  readonly message: string;
  readonly top: number;
}

/** Moves the view of the thread that is on the page, as a reader would. */
let go: ((move: () => void) => void) | undefined;

/** Moves the view by `move`; it stays there, whatever grows above or below. */
export function goTo(move: () => void): void {
  if (go) go(move);
  else move();
}

/** Where the reader was in each thread that he left further up, for as long as the page lives. */
const places = new Map<string, Place>();

/**
 * Keeps the end of what grows in `frame` in view until the reader scrolls up, and again once he is back. Where he reads
 * further up, what he reads stays where it is, whatever grows above it: not all browsers see to that by themselves, and
 * none does at the very top. Who comes back to a `thread` finds it where he left it.
 */
export function useBottom(
  frame: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  thread: string | undefined,
): Bottom {
  const follows = useRef(true);
  const shown = useRef<string>(undefined);
  const returns = useRef<Place>(undefined);
  const [isAway, setIsAway] = useState(false);
  useEffect(() => {
    shown.current = thread;
    returns.current = thread === undefined ? undefined : places.get(thread);
    follows.current = true;
    setIsAway(false);
  }, [thread]);
  useEffect(() => {
    const element = frame.current;
    const inner = content.current;
    if (!element || !inner) return;
    let last = element.scrollTop;
    let held: { turn: Element; top: number } | undefined;
    const hold = () => {
      const turn = turnAtTop(element);
      held = turn && { turn, top: turn.getBoundingClientRect().top };
      const place = turn && placeOf(element, turn);
      if (place && shown.current !== undefined) places.set(shown.current, place);
    };
    const isNear = () => element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR;
    const leave = (move: () => void) => {
      returns.current = undefined;
      move();
      follows.current = isNear();
      setIsAway(!follows.current);
      last = element.scrollTop;
      hold();
    };
    /** Goes where the reader was, once that is there again. */
    const goBack = (place: Place) => {
      const message = inner.querySelector(`[data-message="${CSS.escape(place.message)}"]`);
      if (!message) return;
      leave(() => {
        element.scrollTop += message.getBoundingClientRect().top - element.getBoundingClientRect().top - place.top;
      });
    };
    go = leave;
    const onScroll = () => {
      const isBack = isNear();
      if (isBack) {
        follows.current = true;
        if (shown.current !== undefined && returns.current === undefined) places.delete(shown.current);
      } else if (element.scrollTop < last) follows.current = false;
      last = element.scrollTop;
      setIsAway(!isBack && !follows.current);
      if (!follows.current) hold();
    };
    const onGrowth = () => {
      if (returns.current) goBack(returns.current);
      if (follows.current) {
        element.scrollTop = element.scrollHeight;
        last = element.scrollTop; // what shrank moved the view up, and no reader did
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
      if (go === leave) go = undefined;
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

function placeOf(frame: HTMLElement, turn: Element): Place | undefined {
  const message = turn.querySelector<HTMLElement>("[data-message]");
  const id = message?.dataset.message;
  if (!message || id === undefined) return undefined;
  return { message: id, top: message.getBoundingClientRect().top - frame.getBoundingClientRect().top };
}

/** The turn that stands at the top of what can be seen, or the group of it as long as that is not painted. */
function turnAtTop(frame: HTMLElement): Element | undefined {
  const { left, top, width } = frame.getBoundingClientRect();
  for (const below of PROBES) {
    const turn = surface.root.elementFromPoint(left + width / 2, top + below)?.closest(".turn, .turns");
    if (turn) return turn;
  }
  return undefined;
}
