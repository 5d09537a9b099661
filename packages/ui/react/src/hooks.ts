import type {
  Action,
  Answer,
  AppInfo,
  Ask,
  Call,
  ClientTopic,
  Connection,
  ConvoClient,
  Element,
  FieldName,
  Hello,
  MessageExtras,
  Notice,
  OlderView,
  OutboxEntry,
  Removal,
  Request,
  RunInfo,
  Runs,
  Saved,
  StateFields,
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

/** What stands before the first of the turns that are loaded, and how to load it: a page, all up to a step, or all. */
export function useOlder(): OlderView & { load(upTo?: string): Promise<void>; loadAll(): Promise<void> } {
  const client = useClient();
  const older = useTopic("older", (of) => of.older);
  return useMemo(
    () => ({ ...older, load: (upTo?: string) => client.loadOlder(upTo), loadAll: () => client.loadAllOlder() }),
    [client, older],
  );
}

/** One step; renders again for changes of this step alone. */
export function useStep(id: string): StepView | undefined {
  return useTopic(`step:${id}`, (client) => client.step(id));
}

/** What `read` makes of one step; renders again only when that changes. Give a plain value, not a new object. */
export function useStepFact<T>(id: string, read: (step: StepView | undefined) => T): T {
  return useTopic(`step:${id}`, (client) => read(client.step(id)));
}

/** Where an element's content is read; `undefined` where it has none, or while it loads. */
export function useFileUrl(element: Pick<Element, "url">): string | undefined {
  return useTopic("contents", (client) => client.fileUrl(element));
}

export function useRun(id: string | undefined): RunInfo | undefined {
  return useTopic(`run:${id ?? ""}`, (client) => (id === undefined ? undefined : client.run(id)));
}

/** The runs that are going, and the messages that wait for their turn. */
export function useRuns(): Runs {
  return useTopic("runs", (client) => client.runs);
}

/** How many steps a run has, messages left out. */
export function useWork(runId: string | undefined): number {
  return useTopic("structure", (client) => (runId === undefined ? 0 : (client.work.get(runId) ?? 0)));
}

/** How many steps each run has that is loaded, messages left out; the oldest run first. */
export function useWorkOfRuns(): ReadonlyMap<string, number> {
  return useTopic("structure", (client) => client.work);
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

/** Threads that were deleted, and can still be restored. */
export function useRemovals(): readonly Removal[] {
  return useTopic("removals", (client) => client.removals);
}

/** Why the session ended, if it did: `deleted` for a thread that is gone. */
export function useEnded(): string | undefined {
  return useTopic("thread", (client) => client.ended);
}

export function useToasts(): { toasts: readonly ToastView[]; dismiss(id: string): void } {
  const client = useClient();
  const toasts = useTopic("toasts", (of) => of.toasts);
  return useMemo(() => ({ toasts, dismiss: (id: string) => client.dismissToast(id) }), [client, toasts]);
}

/** What is shown with a message or step. */
export function useElements(stepId: string): readonly Element[] {
  return useTopic(`elements:${stepId}`, (client) => client.elementsOf(stepId));
}

/** What is shown with no message: task lists, and what the app's panel holds. */
export function useThreadElements(): readonly Element[] {
  return useElements("");
}

export function useElement(id: string): Element | undefined {
  return useTopic(`element:${id}`, (client) => client.element(id));
}

/** The buttons below a message or step. */
export function useActions(stepId: string): readonly Action[] {
  return useTopic(`actions:${stepId}`, (client) => client.actionsOf(stepId));
}

/** What a message asks, pending or closed. */
export function useAsk(stepId: string): Ask | undefined {
  return useTopic(`ask:${stepId}`, (client) => client.askOf(stepId));
}

/** What is asked and not answered, the oldest first. */
export function usePendingAsks(): readonly Ask[] {
  return useTopic("asks", (client) => client.asks);
}

/** Functions that the page is asked to run. */
export function useCalls(): readonly Call[] {
  return useTopic("calls", (client) => client.calls);
}

/** A plain field of the state that the app sets. */
export function useField<N extends FieldName>(name: N): StateFields[N] {
  return useTopic(`field:${name}`, (client) => client.field(name));
}

/** What the app says of itself; `undefined` until it is known. */
export function useAppInfo(): AppInfo | undefined {
  return useTopic("info", (client) => client.info);
}

/** Whether what is shared is only read here: there is nothing to say, to choose or to change. */
export function useIsViewer(): boolean {
  return useClient().share !== undefined;
}

/** Sends a command. A failure is shown as a toast; then the answer is `undefined`. */
export function useRequest(): (request: Request) => Promise<Answer | undefined> {
  const client = useClient();
  return useCallback(
    async (request) => {
      try {
        return await client.request(request);
      } catch (error) {
        client.showFailure(error);
        return undefined;
      }
    },
    [client],
  );
}

export interface Commands {
  send(content: string, extras?: MessageExtras): void;
  retry(id: string): void;
  discard(id: string): void;
  /** Stops one run, or all of them and the queue. A failure is shown as a toast. */
  stop(runId?: string): Promise<void>;
  dequeue(runId: string): Promise<void>;
  newChat(options?: { readonly profile?: string }): void;
}

export function useCommands(): Commands {
  const client = useClient();
  return useMemo(
    () => ({
      send: (content, extras) => client.send(content, extras),
      retry: (id) => client.retry(id),
      discard: (id) => client.discard(id),
      stop: (runId) => client.stopRun(runId),
      dequeue: (runId) => client.dequeue(runId),
      newChat: (options) => client.newChat(options),
    }),
    [client],
  );
}
