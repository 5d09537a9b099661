import { useClient, useConnection, useEnded, useRemovals, useSaved, useThread } from "@convo/react";
import { type JSX, useEffect, useState } from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import { askAgain } from "../../ui/part";
import { surface } from "../../ui/surface";
import { formatMoment } from "../message/clock";
import { Banner } from "../notice/Banner";
import { Outdated } from "./Outdated";

/** What stands between the reader and the server, and what to do about it. Nothing while all is well. */
export function ConnectionBanner({ onNewChat }: { onNewChat: () => void }): JSX.Element | null {
  const { status, failure, retryInMs } = useConnection();
  const saved = useSaved();
  const seconds = useCountdown(status === "reconnecting" ? retryInMs : undefined);
  const ended = useEnded();
  useEffect(() => {
    if (status === "online") askAgain();
  }, [status]);
  if (ended === "deleted") return <DeletedBanner onNewChat={onNewChat} />;
  if (ended === "taken-over" && status === "lost") return <TakenBanner />;
  switch (status) {
    case "offline":
      return <Banner tone="warn" shape="offline" text={strings.connection.offline} />;
    case "reconnecting":
      return (
        <Banner
          tone="warn"
          shape="offline"
          text={strings.connection.reconnecting}
          aside={seconds > 1 ? strings.connection.retryIn({ seconds }) : undefined}
        />
      );
    case "refused":
      return (
        <Banner
          tone="bad"
          shape="warning"
          text={failure ? said(failure) : strings.connection.refused}
          action={
            failure?.code === "not-found"
              ? { label: strings.connection.startNew, run: onNewChat }
              : { label: strings.connection.reload, run: () => surface.reload() }
          }
        />
      );
    case "lost":
      return (
        <Banner
          tone="warn"
          shape="warning"
          text={strings.connection.lost}
          action={{ label: strings.connection.startNew, run: onNewChat }}
        />
      );
    default:
      return (
        <>
          <Outdated />
          {saved.since && (
            <Banner tone="warn" shape="warning" text={strings.saved.failing({ time: formatMoment(saved.since) })} />
          )}
        </>
      );
  }
}

/** The thread that is shown is gone: deleted here or elsewhere. What is shown stays until the reader leaves it. */
function DeletedBanner({ onNewChat }: { onNewChat: () => void }): JSX.Element {
  const client = useClient();
  const id = useThread()?.id;
  const canRestore = useRemovals().some((removal) => removal.id === id);
  const restore = async () => {
    if (id === undefined) return;
    try {
      await client.api("POST", `threads/${encodeURIComponent(id)}/restore`);
      client.openThread(id);
    } catch (error) {
      client.showFailure(error);
    }
  };
  return (
    <Banner
      tone="warn"
      shape="trash"
      text={strings.history.deleted}
      action={
        canRestore
          ? { label: strings.history.restore, run: () => void restore() }
          : { label: strings.connection.startNew, run: onNewChat }
      }
    />
  );
}

/** Another process of the server goes on with the thread: this copy stands still, and nothing is sent from it. */
function TakenBanner(): JSX.Element {
  const client = useClient();
  const id = useThread()?.id;
  const takeBack = () => {
    if (id !== undefined) client.openThread(id);
  };
  return (
    <Banner
      tone="warn"
      shape="warning"
      text={strings.connection.taken}
      action={{ label: strings.connection.takeBack, run: takeBack }}
    />
  );
}

/** Whole seconds left of a wait of `milliseconds`, counting down. */
function useCountdown(milliseconds: number | undefined): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (milliseconds === undefined) {
      setLeft(0);
      return;
    }
    const end = Date.now() + milliseconds;
    const count = () => setLeft(Math.max(0, Math.ceil((end - Date.now()) / 1000)));
    count();
    const timer = setInterval(count, 1000);
    return () => clearInterval(timer);
  }, [milliseconds]);
  return left;
}
