/** What the client needs of the place it runs in; a browser's by default, a test's own otherwise. */
export interface Environment {
  /** Per tab: session and thread. */
  readonly tab: Storage;
  /** Runs `apply` before the next frame is drawn, and soon even when no frame is drawn. */
  readonly schedule: (apply: () => void) => void;
  readonly setTimer: (callback: () => void, ms: number) => () => void;
  readonly random: () => number;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly fetch: (url: string) => Promise<unknown>;
  readonly isOnline: () => boolean;
  /** Calls `wake` whenever it is worth trying again at once; `change` when the network comes or goes. */
  readonly onWake: (wake: () => void, change: () => void) => () => void;
  /** Whether the page was left and came back (a reload, back or forward) rather than opened anew. */
  readonly isReturn: boolean;
  readonly language: string | undefined;
  readonly warn: (text: string) => void;
}

export type Storage = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem">;

export class MemoryStorage implements Storage {
  readonly #items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }
}

/** A tab in the background draws no frames, so a timer takes the turn then. */
const HIDDEN_FRAME_MS = 100;

export function browserEnvironment(): Environment {
  return {
    tab: storageOf(() => globalThis.sessionStorage),
    schedule: nextFrame,
    setTimer: (callback, ms) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    newId,
    now: () => new Date(),
    fetch: (url) => fetch(url, { credentials: "same-origin", cache: "no-store" }),
    isOnline: () => globalThis.navigator?.onLine !== false,
    onWake,
    isReturn: isReturn(),
    language: globalThis.navigator?.language,
    warn: (text) => console.warn(text),
  };
}

function nextFrame(apply: () => void): void {
  let isDone = false;
  const once = (): void => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    apply();
  };
  const timer = setTimeout(once, HIDDEN_FRAME_MS);
  globalThis.requestAnimationFrame?.(once);
}

function isReturn(): boolean {
  const [entry] = globalThis.performance?.getEntriesByType?.("navigation") ?? [];
  const type = entry && "type" in entry ? entry.type : undefined;
  return type === "reload" || type === "back_forward";
}

function onWake(wake: () => void, change: () => void): () => void {
  if (typeof document === "undefined") return () => {};
  const visible = (): void => {
    if (document.visibilityState === "visible") wake();
  };
  const online = (): void => {
    change();
    wake();
  };
  addEventListener("online", online);
  addEventListener("offline", change);
  document.addEventListener("visibilitychange", visible);
  return () => {
    removeEventListener("online", online);
    removeEventListener("offline", change);
    document.removeEventListener("visibilitychange", visible);
  };
}

/** `crypto.randomUUID` is missing where a page is served over plain HTTP. */
function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The browser's storage, or memory where it is forbidden or full. */
export function storageOf(open: () => Storage | undefined): Storage {
  const memory = new MemoryStorage();
  let storage: Storage;
  try {
    storage = open() ?? memory;
  } catch {
    storage = memory;
  }
  return {
    getItem: (key) => {
      try {
        return memory.getItem(key) ?? storage.getItem(key);
      } catch {
        return memory.getItem(key);
      }
    },
    setItem: (key, value) => {
      memory.setItem(key, value);
      try {
        storage.setItem(key, value);
      } catch {
        // Full or forbidden: memory keeps it for as long as the page lives.
      }
    },
    removeItem: (key) => {
      memory.removeItem(key);
      try {
        storage.removeItem(key);
      } catch {
        // As above.
      }
    },
  };
}
