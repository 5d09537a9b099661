import type { FromFrame, Part, Sign, ToFrame, Wish } from "../features/custom/messages";

/** What a part leaves behind when its code has run. */
export interface Parts {
  compiler?: { compile(source: string, file: string): string };
  styles?: { generate(classes: readonly string[]): Promise<string> };
  forms?: Readonly<Record<string, unknown>>;
  zod?: Readonly<Record<string, unknown>>;
}

interface ConvoFrame {
  readonly port: MessagePort;
  /** Runs code in a script element of this frame. */
  readonly run: (code: string) => void;
  readonly parts: Parts;
}

declare global {
  interface Window {
    /** Made by `element.html`. */
    convoFrame: ConvoFrame;
  }
}

/** What was asked of the page and did not come about. `code` is one of the protocol's, or how the run ended. */
export class RequestFailed extends Error {
  readonly code: string;

  constructor(code: string, text: string) {
    super(text);
    this.name = "RequestFailed";
    this.code = code;
  }
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: RequestFailed): void;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** The frame's end of the port. */
export class Port {
  readonly run: (code: string) => void;
  readonly parts: Parts;
  readonly #port: MessagePort;
  readonly #wishes = new Map<number, Waiting>();
  readonly #needs = new Map<Part, Deferred<void>>();
  readonly #signs = new Map<string, Deferred<Sign | null>>();
  #last = 0;

  constructor({ port, run, parts }: ConvoFrame) {
    this.#port = port;
    this.run = run;
    this.parts = parts;
  }

  /** Begins to listen. What answers nothing goes to `take`. */
  open(take: (message: Extract<ToFrame, { kind: "look" | "show" | "props" | "facts" }>) => void): void {
    this.#port.onmessage = ({ data }: MessageEvent<ToFrame>) => {
      switch (data.kind) {
        case "result":
          this.#settle(data.id)?.resolve(data.value);
          return;
        case "failure":
          this.#settle(data.id)?.reject(new RequestFailed(data.code, data.text));
          return;
        case "part":
          this.#arrived(data.part, data.code);
          return;
        case "sign":
          this.#signs.get(data.name)?.resolve(data.sign);
          return;
        default:
          take(data);
      }
    };
  }

  say(message: FromFrame): void {
    this.#port.postMessage(message);
  }

  /** Asks the page for something. Rejects with `RequestFailed`; throws what says that it is no plain data. */
  ask(wish: Wish): Promise<unknown> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#wishes.set(id, { resolve, reject });
      try {
        this.say({ kind: "wish", id, wish: plain(wish) });
      } catch (error) {
        this.#wishes.delete(id);
        reject(error);
      }
    });
  }

  /** Loads a part, once. */
  need(part: Part): Promise<void> {
    const known = this.#needs.get(part);
    if (known !== undefined) return known.promise;
    const need = deferred<void>();
    this.#needs.set(part, need);
    this.say({ kind: "need", part });
    return need.promise;
  }

  sign(name: string): Promise<Sign | null> {
    const known = this.#signs.get(name);
    if (known !== undefined) return known.promise;
    const sign = deferred<Sign | null>();
    this.#signs.set(name, sign);
    this.say({ kind: "sign", name });
    return sign.promise;
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#wishes.get(id);
    this.#wishes.delete(id);
    return waiting;
  }

  #arrived(part: Part, code: string | undefined): void {
    const need = this.#needs.get(part);
    if (need === undefined) return;
    if (code !== undefined) this.run(code);
    if (this.parts[part] !== undefined) need.resolve();
    else {
      this.#needs.delete(part);
      need.reject(new Error("A part of the app could not be loaded. Try again when the connection is back."));
    }
  }
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}

/** As JSON holds it: a function or an event among the props is a slip that must not break the rest. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
