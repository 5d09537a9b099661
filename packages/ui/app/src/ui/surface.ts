/** Where the app is shown: on a page of its own, or in a shadow root within somebody else's. */
export interface Surface {
  /** Whether the page around it is the app's own: its title, its address and its styles are for the app to change. */
  readonly isPage: boolean;
  /** Where ids and styles are looked up, and which element has the focus. */
  readonly root: Document | ShadowRoot;
  /** Holds the app, and says its theme, its direction and its layout. */
  readonly frame: HTMLElement;
  /** Takes what lies above the app: windows, menus, cards. */
  readonly layer: HTMLElement;
  /** Hears the keys, presses and drops that are meant for the app. */
  readonly ear: Pick<Window, "addEventListener" | "removeEventListener">;
  /** What addresses are relative to. */
  readonly base: string;
  readonly local: Storage;
  readonly session: Storage;
  /** Pixels of a `rem`. */
  readonly rem: number;
  /** The address that is shown: a path of the page, or below `config.root` where that is a whole address. */
  readonly path: string;
  /** Shows another one, instead of this one or after it. */
  moveTo(path: string, replaces: boolean): void;
  /** Calls `listener` when a reader went back or forward. Returns how to end that. */
  onMoved(listener: () => void): () => void;
  /** Begins anew. */
  reload(): void;
}

/** The page itself. */
const page: Surface = {
  isPage: true,
  get root() {
    return document;
  },
  get frame() {
    return document.documentElement;
  },
  get layer() {
    return document.body;
  },
  get ear() {
    return globalThis;
  },
  get base() {
    return document.baseURI;
  },
  get local() {
    return localStorage;
  },
  get session() {
    return sessionStorage;
  },
  get rem() {
    return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  },
  get path() {
    return location.pathname;
  },
  moveTo: (path, replaces) => {
    if (replaces) history.replaceState(history.state, "", path);
    else history.pushState({ isWithin: true }, "", path);
  },
  onMoved: (listener) => {
    addEventListener("popstate", listener);
    return () => removeEventListener("popstate", listener);
  },
  reload: () => location.reload(),
};

/** There is one for all modules of an app; each widget of a page loads modules of its own. */
export let surface: Surface = page;

/** Says where the app is shown, before anything of it is. */
export function showOn(place: Surface): void {
  surface = place;
}

/** Whether nothing has the focus, as after what had it is gone. */
export function isFocusLost(): boolean {
  const { activeElement } = surface.root;
  return activeElement === null || activeElement === document.body;
}

/** Whether the place is too narrow for something beside the chat. */
export function isNarrow(): boolean {
  return !surface.isPage || NARROW?.matches === true;
}

/** Calls `listener` when that changes. Returns how to end that. */
export function onNarrow(listener: () => void): () => void {
  NARROW?.addEventListener("change", listener);
  return () => NARROW?.removeEventListener("change", listener);
}

const NARROW = globalThis.matchMedia?.("(max-width: 900px)");
