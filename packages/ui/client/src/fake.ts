import { type Environment, MemoryStorage } from "./environment";
import type { Answer, Command, Connect, Hello, Received } from "./protocol.gen";
import type { OpenSocket, SocketHandlers } from "./socket";

/** A place to run in where time passes only when a test says so. */
export class FakeEnvironment implements Environment {
  readonly tab = new MemoryStorage();
  readonly language = "en";
  readonly warnings: string[] = [];
  readonly fetched: string[] = [];
  online = true;
  wake: () => void = () => {};
  change: () => void = () => {};
  #timers = new Set<{ at: number; callback: () => void }>();
  #ids = 0;
  #now = 0;
  #frames: (() => void)[] = [];

  readonly schedule = (apply: () => void): void => {
    this.#frames.push(apply);
  };

  readonly setTimer = (callback: () => void, ms: number): (() => void) => {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  readonly random = (): number => 1;
  readonly newId = (): string => {
    this.#ids += 1;
    return `id-${this.#ids}`;
  };
  readonly now = (): Date => new Date(this.#now);
  readonly fetch = async (url: string): Promise<void> => {
    this.fetched.push(url);
  };
  readonly isOnline = (): boolean => this.online;
  isReturn = true;
  readonly onWake = (wake: () => void, change: () => void): (() => void) => {
    this.wake = wake;
    this.change = change;
    return () => {};
  };
  readonly warn = (text: string): void => {
    this.warnings.push(text);
  };

  get frames(): number {
    return this.#frames.length;
  }

  drawFrame(): void {
    const frames = this.#frames;
    this.#frames = [];
    for (const frame of frames) frame();
  }

  /** Lets `ms` pass, timers and what they started included. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#now = due.at;
      this.#timers.delete(due);
      due.callback();
    }
    this.#now = end;
    await settle();
  }
}

/** Until every promise that can go on has gone on. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await Promise.resolve();
}

/** The far end of a connection, played by the test. */
export class FakeServer {
  readonly connects: Connect[] = [];
  readonly commands: Command[] = [];
  readonly received: Received[] = [];
  /** What it says to a command; no answer at all for undefined. */
  answer: (command: Command) => Answer | undefined = ({ id }) => ({ id, ok: true, seq: 1 });
  isOpen = false;
  #handlers: SocketHandlers | undefined;
  #unanswered = new Set<(error: Error) => void>();

  readonly open: OpenSocket = (_, connect, handlers) => {
    this.#handlers = handlers;
    const server = this;
    return {
      get isOpen() {
        return server.isOpen;
      },
      open: () => {
        this.connects.push(connect());
      },
      close: () => this.#close(),
      command: (command) => this.#command(command),
      received: (received) => {
        this.received.push(received);
      },
    };
  };

  get handlers(): SocketHandlers {
    if (this.#handlers === undefined) throw new Error("Nobody has connected yet.");
    return this.#handlers;
  }

  accept(hello: Partial<Hello> = {}): void {
    this.isOpen = true;
    this.handlers.hello({
      protocol: 1,
      session: "s1",
      thread: "t1",
      principal: { id: "p1" },
      limits: { messageBytes: 1000, commandsPerSecond: 10, sessionTimeout: 3600 },
      connection: "c1",
      ...hello,
    });
  }

  drop(): void {
    this.#close();
    this.handlers.closed();
  }

  #close(): void {
    this.isOpen = false;
    for (const reject of this.#unanswered) reject(new Error("Disconnected."));
    this.#unanswered.clear();
  }

  #command(command: Command): Promise<Answer> {
    if (!this.isOpen) return Promise.reject(new Error("Not connected."));
    this.commands.push(command);
    const answer = this.answer(command);
    if (answer !== undefined) return Promise.resolve(answer);
    return new Promise((_, reject) => this.#unanswered.add(reject));
  }
}
