import { useElement, useElements, useHello } from "@convo/react";
import { type JSX, type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { elementAddress } from "../app/route";
import { DownloadTool } from "../element/DownloadTool";
import { ElementFrame } from "../element/ElementFrame";
import type { ElementView, Place } from "../element/viewers";
import { useOpenElement } from "./open";
import { openPage } from "./page";
import type { Sidebar } from "./sidebar";

/** An element, and those that its message shows beside the chat too: they are its tabs. */
export function useSiblings(element: ElementView | undefined): readonly ElementView[] {
  const siblings = useElements(element?.forId ?? "").filter(({ display }) => display === "side");
  if (element === undefined) return [];
  return element.display === "side" && element.forId !== undefined ? siblings : [element];
}

/** Above an element that was opened: its name, or tabs; and what can be done with it. */
export function ElementBar({ element, isSheet }: { element: ElementView; isSheet: boolean }): JSX.Element {
  const siblings = useSiblings(element);
  return (
    <>
      {siblings.length > 1 ? (
        <Tabs elements={siblings} chosen={element.id} />
      ) : isSheet ? (
        <span className="panel-space" />
      ) : (
        <h2>{element.name || strings.element.unnamed}</h2>
      )}
      <DownloadTool element={element} />
      <PageTool element={element} />
    </>
  );
}

/** The element that was opened. */
export function ElementContent({ element, isSheet }: { element: ElementView; isSheet: boolean }): JSX.Element {
  const isTab = useSiblings(element).length > 1;
  return (
    <>
      {isSheet && (
        <div className="panel-bar">
          <ElementBar element={element} isSheet />
        </div>
      )}
      <Body key={element.id} label={element.name || strings.element.content} isTab={isTab} isSheet={isSheet}>
        <ElementFrame element={element} place="side" />
      </Body>
    </>
  );
}

/** What the app shows, one below the other. */
export function AppContent({ sidebar, isSheet }: { sidebar: Sidebar; isSheet: boolean }): JSX.Element {
  return (
    <Body label={sidebar.title || strings.element.content} isTab={false} isSheet={isSheet}>
      {sidebar.elements.length === 0 && <p className="panel-none">{strings.panel.empty}</p>}
      {sidebar.elements.map((id) => (
        // One has the panel to itself; several say their names.
        <AppElement key={id} id={id} place={sidebar.elements.length > 1 ? "inline" : "side"} />
      ))}
    </Body>
  );
}

interface BodyProps {
  readonly label: string;
  readonly isTab: boolean;
  /** The sheet around it scrolls and has its name. */
  readonly isSheet: boolean;
  readonly children: ReactNode;
}

function Body({ label, isTab, isSheet, children }: BodyProps): JSX.Element {
  const tab = isTab ? { id: "panel-body", role: "tabpanel", "aria-label": label } : {};
  if (isSheet) {
    return (
      <div className="panel-body" {...tab}>
        {children}
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
    <section className="panel-body" aria-label={label} tabIndex={0} {...tab}>
      {children}
    </section>
  );
}

function AppElement({ id, place }: { id: string; place: Place }): JSX.Element | null {
  const element = useElement(id);
  return element === undefined ? null : <ElementFrame element={element} place={place} />;
}

function Tabs({ elements, chosen }: { elements: readonly ElementView[]; chosen: string }): JSX.Element {
  const open = useOpenElement();
  const list = useRef<HTMLDivElement>(null);
  const at = elements.findIndex(({ id }) => id === chosen);
  useEffect(() => {
    // A sheet is there only after its content.
    const frame = requestAnimationFrame(() => {
      list.current?.querySelectorAll('[role="tab"]')[at]?.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    return () => cancelAnimationFrame(frame);
  }, [at]);
  const onKeyDown = (event: KeyboardEvent) => {
    const last = elements.length - 1;
    const next = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[
      event.key
    ];
    const element = next === undefined ? undefined : elements[next];
    if (next === undefined || element === undefined) return;
    event.preventDefault();
    open({ ...element, display: "side" });
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[next]?.focus();
  };
  return (
    <div ref={list} className="panel-tabs" role="tablist" aria-label={strings.panel.tabs} onKeyDown={onKeyDown}>
      {elements.map((element) => (
        <button
          key={element.id}
          type="button"
          role="tab"
          className="panel-tab"
          aria-selected={element.id === chosen}
          aria-controls="panel-body"
          tabIndex={element.id === chosen ? 0 : -1}
          onClick={() => open(element)}
        >
          {element.name || strings.element.unnamed}
        </button>
      ))}
    </div>
  );
}

/** Opens the element on a page of its own. */
function PageTool({ element }: { element: ElementView }): JSX.Element | null {
  const thread = useHello()?.thread;
  if (thread === undefined) return null;
  const label = strings.panel.page({ name: element.name || strings.element.unnamed });
  const address = elementAddress(thread, element.id);
  return (
    <a
      className="icon-button"
      href={address}
      aria-label={label}
      title={label}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        openPage(thread, element.id);
      }}
    >
      <Glyph shape="leave" />
    </a>
  );
}
