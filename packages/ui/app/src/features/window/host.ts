import type { Call, ConvoClient } from "@convo/client";
import { config } from "../../config";

/** Where a tab remembers the names it had, so that a call made before a reload is still its own. */
const KEY = "convo:connections";
const REMEMBERED = 20;
/** Messages of the host that wait for the connection. */
const WAITING = 100;

/** What the page around this one says when a function has returned. All else it says is for the app. */
interface ResultMessage {
  readonly type: "convo:result";
  readonly id: string;
  readonly value?: unknown;
  readonly error?: unknown;
}

/** What a page has to know of its place. */
export interface Place {
  /** The page that holds this one in a frame, or has opened it. */
  readonly host: Pick<Window, "postMessage"> | undefined;
  /** Its origin, if the browser tells. */
  readonly hostOrigin: string | undefined;
  /** The origins it may have. */
  readonly origins: readonly string[];
  readonly listen: (listener: (event: MessageEvent) => void) => () => void;
  readonly storage: Pick<Storage, "getItem" | "setItem">;
  readonly warn: (text: string) => void;
}

/** Ties the page to the one around it: messages both ways, and the functions there that the app calls. */
export function joinHost(client: ConvoClient, place: Place = here()): () => void {
  const host = new Host(client, place);
  const ends = [
    place.listen((event) => host.take(event)),
    client.onPassing("window-message", ({ data }) => host.post(data ?? null)),
    client.subscribe("hello", () => host.greet()),
    client.subscribe("calls", () => host.forward()),
  ];
  host.greet();
  host.forward();
  return () => {
    for (const end of ends) end();
  };
}

class Host {
  readonly #client: ConvoClient;
  readonly #place: Place;
  /** Known from the browser, or else from the first message that may come in. */
  #origin: string | undefined;
  #unsent: unknown[] = [];
  #waiting: unknown[] = [];
  #isGreeted = false;
  readonly #forwarded = new Set<string>();

  constructor(client: ConvoClient, place: Place) {
    this.#client = client;
    this.#place = place;
    const { hostOrigin, origins } = place;
    if (hostOrigin !== undefined && origins.includes(hostOrigin)) this.#origin = hostOrigin;
  }

  /** The connection has a name: from now on messages reach the app. */
  greet(): void {
    const connection = this.#client.hello?.connection;
    if (connection === undefined) return;
    const known = this.#names;
    if (!known.includes(connection)) {
      this.#place.storage.setItem(KEY, JSON.stringify([...known, connection].slice(-REMEMBERED)));
    }
    for (const data of this.#waiting.splice(0)) this.#tell(data);
    if (this.#isGreeted) return;
    this.#isGreeted = true;
    this.post({ type: "convo:ready" });
  }

  post(data: unknown): void {
    if (this.#origin === undefined) this.#unsent.push(data);
    else this.#place.host?.postMessage(data, this.#origin);
  }

  take({ source, origin, data }: MessageEvent): void {
    const { host, origins, warn } = this.#place;
    if (host === undefined || source !== host || !origins.includes(origin)) return;
    if (this.#origin === undefined) {
      this.#origin = origin;
      for (const unsent of this.#unsent.splice(0)) this.post(unsent);
    }
    const value = plain(data);
    if (value === undefined) warn("A message of the page around the chat is no JSON; it was dropped.");
    else if (isResult(value)) this.#answer(value);
    else if (this.#client.hello !== undefined) this.#tell(value);
    else if (this.#waiting.length < WAITING) this.#waiting.push(value);
  }

  /** Have the host run what the app calls. A page without a host says at once that nobody will. */
  forward(): void {
    for (const call of this.#client.calls) {
      if (this.#forwarded.has(call.id) || !this.#isMine(call)) continue;
      this.#forwarded.add(call.id);
      if (this.#place.host === undefined) {
        this.#answer({
          type: "convo:result",
          id: call.id,
          error: "This chat is not part of a page that could run it.",
        });
      } else {
        this.post({ type: "convo:call", id: call.id, name: call.name, args: call.args ?? {} });
      }
    }
  }

  #tell(data: unknown): void {
    const limit = this.#client.hello?.limits.messageBytes ?? 0;
    if (JSON.stringify(data).length > limit) {
      this.#place.warn("A message of the page around the chat is too long; it was dropped.");
      return;
    }
    this.#client.request({ kind: "window-message", data }).catch((error: Error) => this.#place.warn(error.message));
  }

  #answer({ id, value, error }: ResultMessage): void {
    if (!this.#forwarded.has(id)) return;
    const result = error === undefined ? { value: value ?? null } : { error: { text: String(error).slice(0, 2000) } };
    this.#client.request({ kind: "call-result", callId: id, ...result }).catch((failure: Error) => {
      this.#place.warn(`The result of a call was refused: ${failure.message}`);
    });
  }

  #isMine({ to }: Call): boolean {
    return to === undefined || to === null || this.#names.includes(to);
  }

  get #names(): readonly string[] {
    try {
      const names: unknown = JSON.parse(this.#place.storage.getItem(KEY) ?? "[]");
      return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
    } catch {
      return [];
    }
  }
}

function here(): Place {
  return {
    host: parent !== window ? parent : ((opener as Window | null) ?? undefined),
    hostOrigin: location.ancestorOrigins?.[0] ?? originOf(document.referrer),
    origins: [location.origin, ...config.origins],
    listen: (listener) => {
      addEventListener("message", listener);
      return () => removeEventListener("message", listener);
    },
    storage: sessionStorage,
    warn: (text) => console.warn(text),
  };
}

function originOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).origin : undefined;
}

/** What JSON makes of it; nothing if it makes nothing. */
function plain(data: unknown): unknown {
  try {
    const text = JSON.stringify(data);
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isResult(data: unknown): data is ResultMessage {
  if (typeof data !== "object" || data === null) return false;
  const { type, id } = data as Partial<ResultMessage>;
  return type === "convo:result" && typeof id === "string";
}
