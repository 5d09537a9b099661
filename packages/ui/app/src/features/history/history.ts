import type { ConvoClient } from "@convo/client";
import { History, type HistoryView } from "@convo/client/history";
import { useClient } from "@convo/react";
import { useCallback, useSyncExternalStore } from "react";

const histories = new WeakMap<ConvoClient, History>();

/** The one history of a client, live from its first use on. */
export function historyOf(client: ConvoClient): History {
  let history = histories.get(client);
  if (history === undefined) {
    history = new History(client);
    histories.set(client, history);
    history.start();
  }
  return history;
}

export function useHistory(): { readonly history: History; readonly view: HistoryView } {
  const history = historyOf(useClient());
  const view = useSyncExternalStore(
    useCallback((listener) => history.subscribe(listener), [history]),
    () => history.view,
  );
  return { history, view };
}
