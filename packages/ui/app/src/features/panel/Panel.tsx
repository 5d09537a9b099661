import { type JSX, useEffect, useEffectEvent, useRef, useSyncExternalStore } from "react";
import { strings } from "../../strings";
import { Dialog } from "../../ui/Dialog";
import { Glyph } from "../../ui/Glyph";
import { usePanel } from "./open";
import { AppContent, ElementBar, ElementContent, useSiblings } from "./PanelContent";
import { Resizer } from "./Resizer";
import "./panel.css";

/** Below this width there is no room beside the chat. */
const NARROW = matchMedia("(max-width: 900px)");

function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      NARROW.addEventListener("change", listener);
      return () => NARROW.removeEventListener("change", listener);
    },
    () => NARROW.matches,
  );
}

/** Elements beside the chat; on a phone, on a sheet above it. */
export function Panel(): JSX.Element | null {
  const panel = usePanel();
  const isNarrow = useIsNarrow();
  const { element, sidebar, close } = panel;
  const title = element ? element.name || strings.element.unnamed : sidebar?.title || strings.panel.title;
  const isTabbed = useSiblings(element).length > 1;
  const content = element ? (
    <ElementContent element={element} isSheet={isNarrow} />
  ) : (
    sidebar && <AppContent sidebar={sidebar} isSheet={isNarrow} />
  );
  if (!panel.isOpen) return null;
  if (isNarrow) {
    return (
      <Dialog title={isTabbed ? strings.panel.tabs : title} place="sheet" onClose={close}>
        {content}
      </Dialog>
    );
  }
  return (
    <Aside
      title={title}
      head={element ? <ElementBar element={element} isSheet={false} /> : <h2>{title}</h2>}
      asked={panel.isRestored ? undefined : element?.id}
      onClose={close}
    >
      {content}
    </Aside>
  );
}

interface AsideProps {
  readonly title: string;
  readonly head: JSX.Element;
  /** What the reader has opened himself, so that it gets the focus. What the app opens leaves it where it is. */
  readonly asked: string | undefined;
  readonly onClose: () => void;
  readonly children: JSX.Element | undefined;
}

function Aside({ title, head, asked, onClose, children }: AsideProps): JSX.Element {
  const aside = useRef<HTMLElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const opener = useRef<Element>(null);
  useEffect(() => {
    if (asked === undefined || aside.current?.contains(document.activeElement)) return;
    opener.current = document.activeElement;
    button.current?.focus({ preventScroll: true });
  }, [asked]);
  const close = () => {
    const hadFocus = aside.current?.contains(document.activeElement) === true;
    const back = opener.current instanceof HTMLElement && opener.current.isConnected ? opener.current : undefined;
    onClose();
    if (hadFocus) (back ?? document.getElementById("composer"))?.focus({ preventScroll: true });
  };
  const onEscape = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]") !== null) return;
    const { target } = event;
    const isWithin = target instanceof Node && aside.current?.contains(target) === true;
    const isWriting = target instanceof Element && target.matches("input, textarea, select");
    if (isWithin || (asked !== undefined && !isWriting)) close();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onEscape(event);
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  }, []);
  return (
    <aside ref={aside} className="panel" aria-label={title}>
      <Resizer />
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
