import type { ConvoClient } from "@convo/client";
import { part } from "../../ui/part";

const host = part(() => import("./host"));

/** Joins the page around this one, if there is one; else only when the app first calls a function of it. */
export function watchHost(client: ConvoClient): () => void {
  let end: (() => void) | undefined;
  let isOver = false;
  const join = () => {
    stopWaiting();
    void host().then(({ joinHost }) => {
      if (!isOver) end = joinHost(client);
    });
  };
  const stopWaiting = client.subscribe("calls", () => {
    if (client.calls.length > 0) join();
  });
  if (parent !== window || opener !== null) join();
  return () => {
    isOver = true;
    stopWaiting();
    end?.();
  };
}
