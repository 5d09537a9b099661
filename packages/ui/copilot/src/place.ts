import type { Display } from "./contract";
import type { Keep } from "./keep";
import type { Settings } from "./options";

/** What the widget gives the chat, once that is loaded. */
export interface ChatPlace {
  readonly settings: Settings;
  readonly shadow: ShadowRoot;
  /** Holds all there is. */
  readonly page: HTMLElement;
  readonly chat: HTMLElement;
  readonly layer: HTMLElement;
  readonly local: Keep;
  readonly session: Keep;
  readonly layout: Layout;
  /** Hears what becomes of the chat: `undefined` when it begins anew. */
  reload(): void;
  /** The same, when the server has newer modules than these. */
  renew(): void;
  close(): void;
  /** Puts the chat's name, and the words of its language, on the widget. */
  name(name: string, words: Measures): void;
}

/** What the panel's measures are called. */
export interface Measures {
  readonly width: string;
  readonly height: string;
}

/** How the widget stands in its page. */
export interface Layout {
  readonly display: Display;
  show(display: Display): void;
  onChange(listener: () => void): () => void;
}

/** What the widget asks of the chat. */
export interface Chat {
  send(text: string): void;
  tell(data: unknown): void;
  newThread(): void;
  setToken(token: string): void;
  /** The theme is another one. */
  repaint(): void;
  focus(): void;
  end(): void;
}

/** The module that holds the chat. */
export interface ChatModule {
  openChat(place: ChatPlace): Promise<Chat>;
}
