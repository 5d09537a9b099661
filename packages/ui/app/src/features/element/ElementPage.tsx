import { useConnection, useElement, useOlder, useThread } from "@convo/react";
import { type JSX, type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { surface } from "../../ui/surface";
import { useAppName } from "../app/name";
import { canGoBack, moveTo } from "../app/path";
import { addressOf } from "../app/route";
import { returnFocus } from "../panel/page";
import { DownloadTool } from "./DownloadTool";
import { ElementFrame } from "./ElementFrame";
import { Loading } from "./Pending";
import "./page.css";

interface ElementPageProps {
  readonly thread: string;
  readonly id: string;
  /** The chat, which can be neither used nor reached below the page. */
  readonly above: RefObject<HTMLElement | null>;
}

/** One element on a page of its own, over the chat it belongs to. */
export function ElementPage({ thread, id, above }: ElementPageProps): JSX.Element {
  const element = useElement(id);
  const { status } = useConnection();
  const isKnown = useThread()?.id === thread && status !== "connecting";
  const { more, status: loading, load } = useOlder();
  const isSought = element === undefined && isKnown && more && loading !== "failed";
  useEffect(() => {
    if (isSought && loading === "idle") void load();
  }, [isSought, loading, load]);
  useLayoutEffect(() => {
    const chat = above.current;
    chat?.setAttribute("inert", "");
    return () => chat?.removeAttribute("inert");
  }, [above]);
  const heading = useRef<HTMLHeadingElement>(null);
  const app = useAppName();
  const name = element?.name || strings.element.unnamed;
  useEffect(() => {
    heading.current?.focus();
    return returnFocus;
  }, []);
  useEffect(() => {
    if (element === undefined || !surface.isPage) return;
    const before = document.title;
    document.title = `${name} · ${app}`;
    return () => {
      document.title = before;
    };
  }, [element, name, app]);
  const back = () => {
    if (canGoBack()) history.back();
    else moveTo(addressOf(thread), true);
  };
  const Main = surface.isPage ? "main" : "section"; // a page has one
  return (
    <Main
      className="element-page"
      aria-label={name}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        back();
      }}
    >
      <div className="element-page-head">
        <button type="button" className="button" onClick={back}>
          <span className="element-back">
            <Glyph shape="chevron" small />
          </span>
          {strings.element.back}
        </button>
        <h2 ref={heading} tabIndex={-1}>
          {element ? name : ""}
        </h2>
        {element && <DownloadTool element={element} />}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <section className="element-page-body" aria-label={strings.element.content} tabIndex={0}>
        {element ? (
          <ElementFrame element={element} place="page" />
        ) : isKnown && !isSought ? (
          <div className="element-page-none">
            <p>{strings.element.gone}</p>
            <button type="button" className="button" onClick={back}>
              {strings.element.back}
            </button>
          </div>
        ) : (
          status !== "refused" && <Loading />
        )}
      </section>
    </Main>
  );
}
