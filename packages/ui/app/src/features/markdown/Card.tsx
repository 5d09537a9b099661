import { type JSX, type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import "./card.css";
import { surface } from "../../ui/surface";

interface CardProps {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly children: ReactNode;
  readonly id: string;
  readonly onClose: () => void;
}

/** A small card beside what it explains. It stands above everything, clipped by nothing. */
function Card({ anchor, children, id, onClose }: CardProps): ReactNode {
  const card = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const node = card.current;
    const place = anchor.current?.getBoundingClientRect();
    if (!node || !place) return;
    node.showPopover?.();
    const { offsetWidth: width, offsetHeight: height } = node;
    const left = Math.max(8, Math.min(place.left + place.width / 2 - width / 2, innerWidth - width - 8));
    const isAbove = place.bottom + height + 8 > innerHeight && place.top > height + 8;
    node.style.left = `${left}px`;
    node.style.top = `${isAbove ? place.top - height - 6 : place.bottom + 6}px`;
  }, [anchor]);
  useEffect(() => {
    const close = (event: Event) => {
      if (!(event.target instanceof Node && card.current?.contains(event.target))) onClose();
    };
    const press = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      onClose();
    };
    surface.ear.addEventListener("scroll", close, { capture: true, passive: true });
    surface.ear.addEventListener("keydown", press);
    return () => {
      surface.ear.removeEventListener("scroll", close, { capture: true });
      surface.ear.removeEventListener("keydown", press);
    };
  }, [onClose]);
  // It may hold blocks, which the line it explains may not.
  return createPortal(
    <div ref={card} id={id} className="card" popover="manual" role="tooltip">
      {children}
    </div>,
    anchor.current?.closest(".markdown") ?? surface.layer,
  );
}

interface WithCardProps {
  readonly id: string;
  readonly card: ReactNode;
  readonly children: ReactNode;
}

/** Shows `card` while its children are pointed at or have the focus. The pointer may move onto the card. */
export function WithCard({ id, card, children }: WithCardProps): JSX.Element {
  const place = useRef<HTMLElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [isShown, setIsShown] = useState(false);
  const [close] = useState(() => () => setIsShown(false));
  useEffect(() => () => clearTimeout(timer.current), []);
  const soon = (shown: boolean) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setIsShown(shown), 140);
  };
  return (
    <sup
      ref={place}
      className="cite"
      onPointerEnter={(event) => event.pointerType === "mouse" && soon(true)}
      onPointerLeave={() => soon(false)}
      onFocus={(event) => event.target.matches(":focus-visible") && setIsShown(true)}
      onBlur={close}
    >
      {children}
      {isShown && (
        <Card anchor={place} id={id} onClose={close}>
          {card}
        </Card>
      )}
    </sup>
  );
}
