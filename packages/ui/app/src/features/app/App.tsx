import type { ConvoClient } from "@convo/client";
import { useCommands, useField, useHello, useThread, useTurns } from "@convo/react";
import { type JSX, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { strings } from "../../strings";
import { soundOf } from "../audio/sound";
import { Composer } from "../composer/Composer";
import { ConnectionBanner } from "../connection/ConnectionBanner";
import { Header } from "../header/Header";
import { HistoryPlace } from "../history/HistoryPlace";
import { useHistoryOpen } from "../history/open";
import { Notices } from "../notice/Notices";
import { Toasts } from "../notice/Toasts";
import { PanelPlace } from "../panel/PanelPlace";
import { SharePlace } from "../share/SharePlace";
import { setTitle, watchAway } from "../shell/away";
import { Leaving } from "../shell/Leaving";
import { lossesOf } from "../shell/losses";
import { Shell } from "../shell/Shell";
import { TaskPlace } from "../task/TaskPlace";
import { Announcer } from "../thread/Announcer";
import { Thread } from "../thread/Thread";
import { watchHost } from "../window/window";
import { useAppName } from "./name";
import { moveTo, usePath } from "./path";
import { addressOf, elementOf, threadOf } from "./route";
import "./app.css";
import { later } from "../../ui/later";
import { surface } from "../../ui/surface";

const ElementPage = later(() => import("../element/ElementPage").then((module) => module.ElementPage));

interface AppProps {
  readonly client: ConvoClient;
  /** Stands at the end of the header. */
  readonly tools?: ReactNode;
}

export function App({ client, tools }: AppProps): JSX.Element {
  const { newChat } = useCommands();
  const path = usePath();
  const chat = useRef<HTMLDivElement>(null);
  const named = threadOf(path);
  const hello = useHello();
  const thread = useThread();
  const hasTalked = useField("audio") !== undefined;
  const hasSpoken = useTurns().some((turn) => turn.user !== undefined) || hasTalked;

  useEffect(() => soundOf(client).start(), [client]);
  useEffect(() => (surface.isPage ? watchHost(client) : undefined), [client]);

  useEffect(() => watchAway(client), [client]);

  const name = useAppName();
  useEffect(() => setTitle(thread?.name ? `${thread.name} · ${name}` : name), [thread?.name, name]);

  // A chat has an address from its first message on: reloading it, or opening it twice, joins the same thread.
  useEffect(() => {
    if (named !== undefined || !hello || !hasSpoken) return;
    moveTo(addressOf(hello.thread), true);
  }, [named, hello, hasSpoken]);

  useEffect(() => {
    const onMove = () => {
      const id = threadOf(surface.path);
      if (id === undefined) newChat();
      else client.openThread(id);
    };
    return surface.onMoved(onMove);
  }, [client, newChat]);

  const begin = useCallback(
    (profile?: string) => {
      if (threadOf(surface.path) !== undefined) moveTo(addressOf(undefined));
      newChat(profile === undefined ? {} : { profile });
      surface.root.getElementById("composer")?.focus();
    },
    [newChat],
  );

  const opened = elementOf(path);
  const history = useHistoryOpen();
  const [leaving, setLeaving] = useState<{ losses: readonly string[]; profile: string | undefined }>();
  const onNewChat = useCallback(
    (profile?: string) => {
      const losses = lossesOf(client);
      if (losses.length === 0) begin(profile);
      else setLeaving({ losses, profile });
    },
    [client, begin],
  );

  const Main = surface.isPage ? "main" : "div"; // a page has one
  return (
    <div className={history.isOpen && !history.isNarrow ? "app has-history" : "app"}>
      <button type="button" className="skip" onClick={() => surface.root.getElementById("composer")?.focus()}>
        {strings.app.skip}
      </button>
      <HistoryPlace onNewChat={onNewChat} onLeave={begin} />
      <Header onNewChat={onNewChat} tools={tools} />
      <div className="banners">
        <Notices />
        <ConnectionBanner onNewChat={onNewChat} />
      </div>
      <Main ref={chat} className="main">
        <Thread />
        <div className="foot">
          <TaskPlace chat={chat} />
          <Composer thread={named} />
          <p className="note">{strings.app.note}</p>
        </div>
        <Toasts />
      </Main>
      {named !== undefined && opened !== undefined ? (
        <Suspense>
          <ElementPage key={opened} thread={named} id={opened} above={chat} />
        </Suspense>
      ) : (
        <PanelPlace />
      )}
      <Announcer />
      <Shell onNewChat={onNewChat} />
      <SharePlace />
      {leaving && (
        <Leaving
          losses={leaving.losses}
          onStay={() => setLeaving(undefined)}
          onLeave={() => {
            setLeaving(undefined);
            setTimeout(() => begin(leaving.profile)); // once the focus is back
          }}
        />
      )}
    </div>
  );
}
