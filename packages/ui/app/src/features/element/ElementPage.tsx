import { useConnection, useElement, useOlder, useThread } from "@convo/react";
import { type JSX, useEffect, useRef } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { useAppName } from "../app/name";
import { canGoBack, moveTo } from "../app/path";
import { addressOf } from "../app/route";
import { returnFocus } from "../panel/page";
import { DownloadTool } from "./DownloadTool";
import { ElementFrame } from "./ElementFrame";
import { Loading } from "./Pending";
import "./page.css";

/** One element on a page of its own, over the chat it belongs to. */
export function ElementPage({ thread, id }: { thread: string; id: string }): JSX.Element {
  const element = useElement(id);
  const { status } = useConnection();
  const isKnown = useThread()?.id === thread && status !== "connecting";
  const { more, status: loading, load } = useOlder();
  const isSought = element === undefined && isKnown && more && loading !== "failed";
  useEffect(() => {
    if (isSought && loading === "idle") void load();
  }, [isSought, loading, load]);
  const heading = useRef<HTMLHeadingElement>(null);
  const app = useAppName();
  const name = element?.name || strings.element.unnamed;
  useEffect(() => {
    heading.current?.focus();
    return returnFocus;
  }, []);
  useEffect(() => {
    if (element === undefined) return;
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
  return (
    <main
      className="element-page"
      aria-label={name}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) back();
      }}
    >
      <header className="element-page-head">
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
      </header>
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
    </main>
  );
}
