import { type JSX, type ReactNode, useEffect, useEffectEvent, useRef, useSyncExternalStore } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { Resizer } from "./Resizer";
import "./panel.css";
import { isNarrow, onNarrow, surface } from "../../ui/surface";

/** Below this width there is no room beside the chat. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(onNarrow, isNarrow);
}

interface AsideProps {
  readonly title: string;
  readonly head: ReactNode;
  /** How wide it is at first, by its class, and as what its width is kept. */
  readonly kind?: "panel" | "trace";
  /** What the reader has opened himself, so that it gets the focus. What the app opens leaves it where it is. */
  readonly asked: string | undefined;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A place beside the chat. */
export function Aside({ title, head, kind = "panel", asked, onClose, children }: AsideProps): JSX.Element {
  const aside = useRef<HTMLElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const opener = useRef<Element>(null);
  useEffect(() => {
    if (asked === undefined || aside.current?.contains(surface.root.activeElement)) return;
    opener.current = surface.root.activeElement;
    button.current?.focus({ preventScroll: true });
  }, [asked]);
  const close = () => {
    const hadFocus = aside.current?.contains(surface.root.activeElement) === true;
    const back = opener.current instanceof HTMLElement && opener.current.isConnected ? opener.current : undefined;
    onClose();
    if (hadFocus) (back ?? surface.root.getElementById("composer"))?.focus({ preventScroll: true });
  };
  const onEscape = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented || surface.root.querySelector("dialog[open]") !== null) return;
    const { target } = event;
    const isWithin = target instanceof Node && aside.current?.contains(target) === true;
    const isWriting = target instanceof Element && target.matches("input, textarea, select");
    if (!isWithin && (asked === undefined || isWriting)) return;
    event.preventDefault();
    close();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onEscape(event);
    surface.ear.addEventListener("keydown", listener);
    return () => surface.ear.removeEventListener("keydown", listener);
  }, []);
  return (
    <aside ref={aside} className={`panel is-${kind}`} aria-label={title}>
      <Resizer of={kind} />
      <header className="panel-head">
        {head}
        <button
          ref={button}
          type="button"
          className="icon-button"
          aria-label={strings.panel.close}
          title={strings.panel.close}
          onClick={close}
        >
          <Glyph shape="cross" />
        </button>
      </header>
      {children}
    </aside>
  );
}
