import type {
  ClientTopic,
  Connection,
  ConvoClient,
  Hello,
  Notice,
  OutboxEntry,
  RunInfo,
  Runs,
  Saved,
  StepView,
  ThreadInfo,
  ToastView,
  Turn,
} from "@convo/client";
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { useClient } from "./provider";

/** What `read` gives, read again after every change of `topic` and of nothing else. */
function useTopic<T>(topic: ClientTopic, read: (client: ConvoClient) => T): T {
  const client = useClient();
  const subscribe = useCallback((listener: () => void) => client.subscribe(topic, listener), [client, topic]);
  const snapshot = (): T => read(client);
  return useSyncExternalStore(subscribe, snapshot, snapshot);
}

export function useConnection(): Connection {
  return useTopic("connection", (client) => client.connection);
}

export function useHello(): Hello | undefined {
  return useTopic("hello", (client) => client.hello);
}

/** The shown branch. Changes when its structure does, never by a delta. */
export function useTurns(): readonly Turn[] {
  return useTopic("structure", (client) => client.turns);
}

/** One step; renders again for changes of this step alone. */
export function useStep(id: string): StepView | undefined {
  return useTopic(`step:${id}`, (client) => client.step(id));
}

/** What `read` makes of one step; renders again only when that changes. Give a plain value, not a new object. */
export function useStepFact<T>(id: string, read: (step: StepView | undefined) => T): T {
  return useTopic(`step:${id}`, (client) => read(client.step(id)));
}

export function useRun(id: string | undefined): RunInfo | undefined {
  return useTopic(`run:${id ?? ""}`, (client) => (id === undefined ? undefined : client.run(id)));
}

/** The runs that are going, and the messages that wait for their turn. */
export function useRuns(): Runs {
  return useTopic("runs", (client) => client.runs);
}

export function useThread(): ThreadInfo | undefined {
  return useTopic("thread", (client) => client.thread);
}

/** How far the thread is stored. With `since`, it is not being saved. */
export function useSaved(): Saved {
  return useTopic("saved", (client) => client.saved);
}

/** Messages on their way that the log does not show yet. */
export function useOutbox(): readonly OutboxEntry[] {
  return useTopic("outbox", (client) => client.outbox);
}

export function useNotices(): readonly Notice[] {
  return useTopic("notices", (client) => client.notices);
}

export function useToasts(): { toasts: readonly ToastView[]; dismiss(id: string): void } {
  const client = useClient();
  const toasts = useTopic("toasts", (of) => of.toasts);
  return useMemo(() => ({ toasts, dismiss: (id: string) => client.dismissToast(id) }), [client, toasts]);
}

export interface Commands {
  send(content: string): void;
  retry(id: string): void;
  discard(id: string): void;
  /** Stops one run, or all of them and the queue. A failure is shown as a toast. */
  stop(runId?: string): Promise<void>;
  dequeue(runId: string): Promise<void>;
  newChat(): void;
}

export function useCommands(): Commands {
  const client = useClient();
  return useMemo(
    () => ({
      send: (content) => client.send(content),
      retry: (id) => client.retry(id),
      discard: (id) => client.discard(id),
      stop: (runId) => client.stopRun(runId),
      dequeue: (runId) => client.dequeue(runId),
      newChat: () => client.newChat(),
    }),
    [client],
  );
}
