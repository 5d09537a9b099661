import type { Environment } from "./environment";
import type { Answer, Batch, Command, Connect, Failure, Hello, Snapshot } from "./protocol.gen";
import { Reader } from "./reader";
import type { OpenSocket, Socket } from "./socket";

export type ConnectionStatus = "connecting" | "online" | "offline" | "reconnecting" | "refused" | "lost";

export interface Connection {
  readonly status: ConnectionStatus;
  /** Why it was refused or lost. */
  readonly failure?: Failure;
  /** How long until the next try. */
  readonly retryInMs?: number;
}

export type Frame = { readonly batch: Batch } | { readonly snapshot: Snapshot };

export interface TransportHandlers {
  /** The connect frame without the position, which the transport knows. */
  connect(): Omit<Connect, "log" | "after" | "place">;
  connection(connection: Connection): void;
  hello(hello: Hello): void;
  /** Frames in order, each exactly once. */
  frame(frame: Frame): void;
  /** `not-found` for what was asked for. The answer says whether to try again with what `connect` gives now. */
  missing(failure: Failure): "retry" | "lost" | "refused";
  /** The connection is gone. The answer says whether to try again by itself. */
  closed(): "retry" | "lost";
}

const BACKOFF_MIN_MS = 300;
const BACKOFF_MAX_MS = 5_000;
const STABLE_MS = 5_000;
const RECEIVED_BATCHES = 8;
const RECEIVED_MS = 1000;
const COMMAND_TIMEOUT_MS = 10_000;
/** Refusals that pass by themselves. */
const PASSING_CODES: readonly string[] = ["unavailable", "rate-limited", "internal", "conflict"];

/** Keeps a connection alive, and hands on what it brings: in order, without gaps, without doubles. */
export class Transport {
  readonly thread = new Reader();
  readonly principal = new Reader();
  connection: Connection = { status: "connecting" };
  readonly #socket: Socket;
  readonly #environment: Environment;
  readonly #handlers: TransportHandlers;
  readonly #url: string;
  readonly #unreceived = new Map<string, number>();
  #unreceivedFrames = 0;
  #cancelReceived: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;
  #cancelStable: (() => void) | undefined;
  #stopWaking: (() => void) | undefined;
  #attempts = 0;
  #hasMinted = false;
  #isStarted = false;

  constructor(url: string, environment: Environment, handlers: TransportHandlers, open: OpenSocket) {
    this.#url = url;
    this.#environment = environment;
    this.#handlers = handlers;
    this.#socket = open(url, () => this.#connect(), {
      hello: (hello) => this.#hello(hello),
      batch: (batch) => this.#frame({ batch }),
      snapshot: (snapshot) => this.#frame({ snapshot }),
      failed: (data) => this.#failed(data),
      closed: () => this.#closed(),
    });
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#stopWaking = this.#environment.onWake(
      () => this.#wake(),
      () => this.#networkChanged(),
    );
    this.#say({ status: "connecting" });
    this.#socket.open();
  }

  stop(): void {
    this.#isStarted = false;
    this.#stopWaking?.();
    this.#clearTimers();
    this.#socket.close();
  }

  /** Begin anew: with another thread, or after a refusal. */
  restart(): void {
    this.#clearTimers();
    this.#socket.close();
    this.thread.reset();
    this.principal.reset();
    this.#attempts = 0;
    this.#say({ status: "connecting" });
    if (this.#isStarted) this.#socket.open(); // where it has not begun, or was stopped, its start does
  }

  get isOnline(): boolean {
    return this.connection.status === "online" && this.#socket.isOpen;
  }

  /** Sends a command. Rejects when no answer came: whether it had an effect is then unknown. */
  command(command: Command): Promise<Answer> {
    return this.#socket.command(command, COMMAND_TIMEOUT_MS);
  }

  /** The frame was taken in: opens the way for more. */
  received(log: string, to: number): void {
    this.#unreceived.set(log, to);
    this.#unreceivedFrames += 1;
    if (this.#unreceivedFrames >= RECEIVED_BATCHES) this.#sendReceived();
    else this.#cancelReceived ??= this.#environment.setTimer(() => this.#sendReceived(), RECEIVED_MS);
  }

  #sendReceived(): void {
    this.#cancelReceived?.();
    this.#cancelReceived = undefined;
    this.#unreceivedFrames = 0;
    for (const [log, to] of this.#unreceived) this.#socket.received({ log, to });
    this.#unreceived.clear();
  }

  #connect(): Connect {
    const { position } = this.thread;
    return {
      ...this.#handlers.connect(),
      ...(position && { log: position.log, after: position.seq, place: position.place }),
    };
  }

  #hello(hello: Hello): void {
    this.#hasMinted = false;
    this.#cancelStable = this.#environment.setTimer(() => {
      this.#attempts = 0;
    }, STABLE_MS);
    this.#handlers.hello(hello);
    this.#say({ status: "online" });
  }

  #frame(frame: Frame): void {
    const scope = "batch" in frame ? frame.batch.scope : frame.snapshot.scope;
    const reader = scope === "principal" ? this.principal : this.thread;
    const verdict = "batch" in frame ? reader.batch(frame.batch) : reader.snapshot(frame.snapshot);
    if (verdict === "take") this.#handlers.frame(frame);
    else if (verdict === "ask") this.#askAgain(reader);
  }

  /** Connect again from the position: the server then sends what is missing. */
  #askAgain(reader: Reader): void {
    if (reader === this.principal) reader.reset();
    this.#socket.close();
    this.#retry();
  }

  #closed(): void {
    if (this.#handlers.closed() === "retry") {
      this.#retry();
      return;
    }
    this.#clearTimers();
    this.#say({ status: "lost" });
  }

  #failed(data: unknown): void {
    const failure = asFailure(data);
    if (failure === undefined) {
      this.#retry();
      return;
    }
    if (failure.code === "unauthenticated" && !this.#hasMinted) {
      this.#hasMinted = true;
      void this.#mint();
      return;
    }
    if (failure.code === "not-found") {
      const verdict = this.#handlers.missing(failure);
      if (verdict === "retry") this.restart();
      else this.#say({ status: verdict, failure });
      return;
    }
    if (PASSING_CODES.includes(failure.code)) this.#retry(failure);
    else this.#say({ status: "refused", failure });
  }

  /** Loading the page gives an anonymous visitor the cookie that says who he is. */
  async #mint(): Promise<void> {
    try {
      await this.#environment.fetch(`${this.#url.replace(/\/+$/, "")}/`);
    } catch {
      return this.#retry();
    }
    if (this.#isStarted) this.#socket.open();
  }

  #retry(failure?: Failure): void {
    if (!this.#isStarted) return;
    this.#clearTimers();
    if (!this.#environment.isOnline()) {
      this.#say({ status: "offline" });
      return;
    }
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** this.#attempts);
    const jittered = BACKOFF_MIN_MS + this.#environment.random() * (ceiling - BACKOFF_MIN_MS);
    const retryInMs = Math.round(Math.max(jittered, (failure?.retryAfter ?? 0) * 1000));
    this.#attempts += 1;
    this.#say({ status: "reconnecting", retryInMs, ...(failure && { failure }) });
    this.#cancelRetry = this.#environment.setTimer(() => this.#open(), retryInMs);
  }

  #open(): void {
    this.#cancelRetry = undefined;
    this.#say({ status: "reconnecting" });
    this.#socket.open();
  }

  /** Somebody looks at the page, or the network is back: no reason to wait out the pause. */
  #wake(): void {
    if (this.#socket.isOpen || !this.#environment.isOnline()) return;
    if (this.connection.status !== "offline" && this.#cancelRetry === undefined) return;
    this.#cancelRetry?.();
    this.#open();
  }

  #networkChanged(): void {
    if (this.#environment.isOnline()) return;
    if (this.connection.status === "refused" || this.connection.status === "lost") return;
    this.#socket.close();
    this.#retry();
  }

  #clearTimers(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#cancelStable?.();
    this.#cancelStable = undefined;
    this.#cancelReceived?.();
    this.#cancelReceived = undefined;
    this.#unreceived.clear();
    this.#unreceivedFrames = 0;
  }

  #say(connection: Connection): void {
    this.connection = connection;
    this.#handlers.connection(connection);
  }
}

function asFailure(data: unknown): Failure | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { code, text } = data as Partial<Failure>;
  return typeof code === "string" && typeof text === "string" ? (data as Failure) : undefined;
}
