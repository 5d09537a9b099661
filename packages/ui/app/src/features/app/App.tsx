import type { ConvoClient } from "@convo/client";
import { useCommands, useField, useHello, useThread, useTurns } from "@convo/react";
import { type JSX, useCallback, useEffect, useState } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { soundOf } from "../audio/sound";
import { Composer } from "../composer/Composer";
import { ConnectionBanner } from "../connection/ConnectionBanner";
import { Header } from "../header/Header";
import { Notices } from "../notice/Notices";
import { Toasts } from "../notice/Toasts";
import { Announcer } from "../thread/Announcer";
import { Thread } from "../thread/Thread";
import { watchHost } from "../window/window";
import { addressOf, threadOf } from "./route";
import "./app.css";

export function App({ client }: { client: ConvoClient }): JSX.Element {
  const { newChat } = useCommands();
  const [named, setNamed] = useState(() => threadOf(location.pathname));
  const hello = useHello();
  const thread = useThread();
  const hasTalked = useField("audio") !== undefined;
  const hasSpoken = useTurns().some((turn) => turn.user !== undefined) || hasTalked;

  useEffect(() => soundOf(client).start(), [client]);
  useEffect(() => watchHost(client), [client]);

  useEffect(() => {
    document.title = thread?.name ? `${thread.name} · ${config.name}` : config.name;
  }, [thread?.name]);

  // A chat has an address from its first message on: reloading it, or opening it twice, joins the same thread.
  useEffect(() => {
    if (named !== undefined || !hello || !hasSpoken) return;
    history.replaceState(null, "", addressOf(hello.thread));
    setNamed(hello.thread);
  }, [named, hello, hasSpoken]);

  useEffect(() => {
    const onMove = () => {
      const id = threadOf(location.pathname);
      setNamed(id);
      if (id === undefined) newChat();
      else client.openThread(id);
    };
    addEventListener("popstate", onMove);
    return () => removeEventListener("popstate", onMove);
  }, [client, newChat]);

  const onNewChat = useCallback(
    (profile?: string) => {
      if (threadOf(location.pathname) !== undefined) history.pushState(null, "", addressOf(undefined));
      setNamed(undefined);
      newChat(profile === undefined ? {} : { profile });
      document.getElementById("composer")?.focus();
    },
    [newChat],
  );

  return (
    <div className="app">
      <button type="button" className="skip" onClick={() => document.getElementById("composer")?.focus()}>
        {strings.app.skip}
      </button>
      <Header onNewChat={onNewChat} />
      <div className="banners">
        <Notices />
        <ConnectionBanner onNewChat={onNewChat} />
      </div>
      <main className="main">
        <Thread />
        <div className="foot">
          <Composer thread={named} />
          <p className="note">{strings.app.note}</p>
        </div>
        <Toasts />
      </main>
      <Announcer />
    </div>
  );
}
