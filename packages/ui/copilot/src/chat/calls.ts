import { joinHost } from "@convo/app/src/features/window/host";
import type { ConvoClient } from "@convo/client";
import { tell } from "../events";
import { call, type Outcome } from "../functions";
import type { Keep } from "../keep";
import type { Settings } from "../options";

const KEY = "results";

/** Says things to the app. */
export interface PageLink {
  tell(data: unknown): void;
  end(): void;
}

/** Ties the chat to the page around it: messages both ways, and the page's functions. */
export function joinPage(client: ConvoClient, settings: Settings, session: Keep): PageLink {
  const origin = location.origin;
  const results = new Results(session);
  let post: (data: unknown) => void = () => {};
  const host = {
    postMessage: (data: unknown) => {
      if (isCall(data)) void answer(data);
      else if (!isReady(data)) tell("convo:message", { id: settings.id, data });
    },
  };
  const answer = async ({ id, name, args }: CallMessage): Promise<void> => {
    const outcome = results.of(id) ?? (await call(settings.functions ?? {}, name, args));
    results.keep(id, outcome);
    post({ type: "convo:result", id, ...outcome });
  };
  const leave = joinHost(client, {
    host,
    hostOrigin: origin,
    origins: [origin],
    listen: (listener) => {
      post = (data) => listener({ source: host, origin, data } as unknown as MessageEvent);
      return () => {};
    },
    storage: session,
    warn: (text) => console.warn(text),
  });
  const prune = client.subscribe("calls", () => results.only(client.calls.map(({ id }) => id)));
  return {
    tell: (data) => post(data),
    end: () => {
      prune();
      leave();
    },
  };
}

/** What functions returned, until the app has it: a page that is loaded again answers without running them again. */
class Results {
  readonly #keep: Keep;
  #all: Readonly<Record<string, Outcome>>;

  constructor(keep: Keep) {
    this.#keep = keep;
    try {
      this.#all = JSON.parse(keep.getItem(KEY) ?? "{}") as Record<string, Outcome>;
    } catch {
      this.#all = {};
    }
  }

  of(id: string): Outcome | undefined {
    return Object.hasOwn(this.#all, id) ? this.#all[id] : undefined;
  }

  keep(id: string, outcome: Outcome): void {
    this.#all = { ...this.#all, [id]: outcome };
    this.#save();
  }

  only(ids: readonly string[]): void {
    const left = Object.entries(this.#all).filter(([id]) => ids.includes(id));
    if (left.length === Object.keys(this.#all).length) return;
    this.#all = Object.fromEntries(left);
    this.#save();
  }

  #save(): void {
    this.#keep.setItem(KEY, JSON.stringify(this.#all));
  }
}

interface CallMessage {
  readonly type: "convo:call";
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

function isCall(data: unknown): data is CallMessage {
  return typeof data === "object" && data !== null && (data as { type?: unknown }).type === "convo:call";
}

function isReady(data: unknown): boolean {
  return typeof data === "object" && data !== null && (data as { type?: unknown }).type === "convo:ready";
}
