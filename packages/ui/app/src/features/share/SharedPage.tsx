import type { Failure } from "@convo/client";
import { useConnection, useHello, useThread } from "@convo/react";
import { type JSX, Suspense, useEffect, useRef } from "react";
import { formatDay } from "../../language/format";
import { said } from "../../said";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { later } from "../../ui/later";
import { useAppName } from "../app/name";
import { usePath } from "../app/path";
import { addressOf, elementOf, threadOf } from "../app/route";
import { ConnectionBanner } from "../connection/ConnectionBanner";
import { Mark, useConnectionState } from "../header/Mark";
import { LanguageButton } from "../language/LanguageButton";
import { Toasts } from "../notice/Toasts";
import { PanelButton } from "../panel/PanelButton";
import { PanelPlace } from "../panel/PanelPlace";
import { TaskPlace } from "../task/TaskPlace";
import { ThemeButton } from "../theme/ThemeButton";
import { Announcer } from "../thread/Announcer";
import { Thread } from "../thread/Thread";
import "../app/app.css";
import "../header/header.css";
import "./shared.css";

const ElementPage = later(() => import("../element/ElementPage").then((module) => module.ElementPage));
const begin = () => location.assign(addressOf(undefined));

/** What somebody has shared, to be read. */
export function SharedPage(): JSX.Element {
  const name = useAppName();
  const thread = useThread();
  const path = usePath();
  const { status, failure } = useConnection();
  const chat = useRef<HTMLElement>(null);
  const share = threadOf(path);
  const opened = elementOf(path);
  const isGone = status === "refused";
  const title = isGone ? titleOf(failure) : thread?.name;
  useEffect(() => {
    document.title = title ? `${title} · ${name}` : name;
  }, [title, name]);
  return (
    <div className={isGone ? "app is-shared is-gone" : "app is-shared"}>
      <SharedHeader name={name} title={isGone ? undefined : thread?.name} />
      <div className="banners">{!isGone && <ConnectionBanner onNewChat={begin} />}</div>
      <main ref={chat} className="main">
        {isGone ? <Gone name={name} failure={failure} /> : <Thread />}
        <div className="foot">
          {!isGone && <TaskPlace chat={chat} />}
          {!isGone && (
            <p className="shared-note">
              <Glyph shape="eye" small />
              {strings.sharing.note}
            </p>
          )}
        </div>
        <Toasts />
      </main>
      {share !== undefined && opened !== undefined && !isGone ? (
        <Suspense>
          <ElementPage key={opened} thread={share} id={opened} above={chat} />
        </Suspense>
      ) : (
        !isGone && <PanelPlace />
      )}
      <Announcer />
    </div>
  );
}

function SharedHeader({ name, title }: { name: string; title: string | null | undefined }): JSX.Element {
  const share = useHello()?.share;
  const { word } = useConnectionState();
  return (
    <header className="head">
      <Mark />
      <h1>
        <span className="head-app">{name}</span>
        {title && <span className="head-thread">{title}</span>}
      </h1>
      <span className="unseen" role="status">
        {word}
      </span>
      {share && title !== undefined && (
        <span className={`shared-badge is-${share.kind}`}>
          {share.kind === "live" ? <i /> : <Glyph shape="camera" small />}
          <span>
            {share.kind === "live"
              ? strings.sharing.badge.live
              : strings.sharing.badge.snapshot({ day: dayOf(share.createdAt) })}
          </span>
        </span>
      )}
      <span className="head-space" />
      <PanelButton />
      <LanguageButton />
      <ThemeButton />
      <a
        className="button head-new"
        href={addressOf(undefined)}
        aria-label={strings.sharing.begin}
        title={strings.sharing.begin}
      >
        <Glyph shape="plus" />
        <span>{strings.sharing.begin}</span>
      </a>
    </header>
  );
}

/** Instead of the chat: why there is none, and what to do. */
function Gone({ name, failure }: { name: string; failure: Failure | undefined }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const code = failure?.code;
  return (
    <section className="shared-gone">
      <span className="shared-gone-sign">
        <Glyph shape={code === "expired" ? "link" : "search"} />
      </span>
      <h2 ref={heading} tabIndex={-1}>
        {titleOf(failure)}
      </h2>
      <p role="status">
        {code === "expired"
          ? strings.sharing.ended
          : code === "not-found"
            ? strings.sharing.missing
            : failure
              ? said(failure)
              : strings.connection.refused}
      </p>
      <a className="button" href={addressOf(undefined)}>
        {strings.sharing.toApp({ name })}
      </a>
    </section>
  );
}

function titleOf(failure: Failure | undefined): string {
  switch (failure?.code) {
    case "expired":
      return strings.sharing.endedTitle;
    case "not-found":
      return strings.sharing.missingTitle;
    case "unsupported":
      return strings.sharing.offTitle;
    default:
      return strings.sharing.refusedTitle;
  }
}

function dayOf(at: string): string {
  return formatDay(new Date(at));
}
