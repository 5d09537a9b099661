import { createContext, type RefObject, useContext, useEffect, useId, useRef } from "react";
import { useOwn } from "./state";

/** Something that lies over the rest while it is open. */
export interface Overlay {
  readonly id: string;
  readonly isOpen: boolean;
  readonly setIsOpen: (isOpen: boolean) => void;
  readonly trigger: RefObject<HTMLElement | null>;
}

export interface OverlayProps {
  readonly open?: boolean;
  readonly defaultOpen?: boolean;
  readonly onOpenChange?: (isOpen: boolean) => void;
}

export const OverlayContext = createContext<Overlay>({
  id: "",
  isOpen: false,
  setIsOpen() {},
  trigger: { current: null },
});

export function useOverlay(): Overlay {
  return useContext(OverlayContext);
}

export function useOwnOverlay({ open, defaultOpen = false, onOpenChange }: OverlayProps): Overlay {
  const id = useId();
  const trigger = useRef<HTMLElement>(null);
  const [isOpen, setIsOpen] = useOwn(open, defaultOpen, onOpenChange);
  return { id, isOpen, setIsOpen, trigger };
}

const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), select, textarea, [tabindex="0"]';

/** What is open takes the focus, closes with Escape or a press outside of it, and gives the focus back. */
export function useDismissal(content: RefObject<HTMLElement | null>, overlay: Overlay, isModal: boolean): void {
  const { isOpen, setIsOpen, trigger } = overlay;
  const close = useRef(setIsOpen);
  close.current = setIsOpen;
  useEffect(() => {
    const element = content.current;
    if (!isOpen || element === null) return;
    const before = document.activeElement;
    (
      element.querySelector<HTMLElement>("[autofocus]") ??
      element.querySelector<HTMLElement>(FOCUSABLE) ??
      element
    ).focus();
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") close.current(false);
      if (event.key !== "Tab" || !isModal) return;
      const stops = [...element.querySelectorAll<HTMLElement>(FOCUSABLE)];
      const end = event.shiftKey ? stops[0] : stops.at(-1);
      if (document.activeElement !== end && element.contains(document.activeElement)) return;
      event.preventDefault();
      (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
    };
    const onPress = (event: PointerEvent): void => {
      const target = event.target as Node;
      if (!element.contains(target) && !trigger.current?.contains(target)) close.current(false);
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("pointerdown", onPress);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("pointerdown", onPress);
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [isOpen, isModal, content, trigger]);
}
