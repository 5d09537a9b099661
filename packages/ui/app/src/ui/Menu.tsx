import { type JSX, type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import { Glyph, type Shape } from "./Glyph";
import { place } from "./place";
import "./picker.css";
import "./menu.css";
import { surface } from "./surface";

export interface MenuItem {
  readonly id: string;
  readonly name: string;
  readonly shape: Shape;
  /** The language its name is in, if it is not the page's. */
  readonly lang?: string;
  /** It takes something away. */
  readonly isBad?: boolean;
  run(): void;
}

interface MenuProps {
  readonly label: string;
  /** Stands above the items. */
  readonly head?: ReactNode;
  readonly items: readonly MenuItem[];
  /** What opened it: it stands beside it and gives the focus back to it. */
  readonly anchor: HTMLElement;
  readonly onClose: () => void;
}

/** What can be done with something, beside the button that opened it. */
export function Menu({ label, head, items, anchor, onClose }: MenuProps): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (list.current) place(list.current, anchor.getBoundingClientRect());
    list.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus({ preventScroll: true });
  }, [anchor]);

  useEffect(() => {
    const onPress = (event: Event) => {
      if (event.target instanceof Node && !list.current?.contains(event.target)) onClose();
    };
    surface.ear.addEventListener("pointerdown", onPress, true);
    addEventListener("resize", onClose);
    return () => {
      surface.ear.removeEventListener("pointerdown", onPress, true);
      removeEventListener("resize", onClose);
    };
  }, [onClose]);

  const leave = () => {
    if (anchor.isConnected) anchor.focus({ preventScroll: true });
    onClose();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const entries = [...(list.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = entries.indexOf(surface.root.activeElement as HTMLElement);
    const last = entries.length - 1;
    if (event.key === "ArrowDown") entries[at >= last ? 0 : at + 1]?.focus();
    else if (event.key === "ArrowUp") entries[at <= 0 ? last : at - 1]?.focus();
    else if (event.key === "Home") entries[0]?.focus();
    else if (event.key === "End") entries[last]?.focus();
    else if (event.key === "Escape" || event.key === "Tab") leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={list} className="choices menu" role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
      {head}
      {items.map(({ id, name, shape, lang, isBad, run }) => (
        <button
          key={id}
          type="button"
          className={isBad ? "choice is-bad" : "choice"}
          role="menuitem"
          tabIndex={-1}
          onPointerMove={(event) => event.currentTarget.focus({ preventScroll: true })}
          onClick={() => {
            leave();
            run();
          }}
        >
          <Glyph shape={shape} small />
          <span lang={lang}>{name}</span>
        </button>
      ))}
    </div>
  );
}
