/** What a page wants of its widget. */
export interface WidgetOptions {
  /** Where the app is: its origin and path. The script knows where it came from, so pages that load it may leave it out. */
  readonly url?: string;
  /** Tells several widgets of a page apart, also in what browsers keep of them. */
  readonly id?: string;
  /** Of the button, and of the chat until it has a name: for who hears the page. */
  readonly label?: string;
  /** Whether there is a button; without one the page opens the chat by `open()`. */
  readonly button?: boolean;
  /** How the chat is shown at first. What a reader chooses himself comes before it. */
  readonly display?: Display;
  readonly side?: "left" | "right";
  /** Whether the chat is open at first. */
  readonly isOpen?: boolean;
  /** `host` follows the page around the widget. */
  readonly theme?: Theme;
  /** A tag such as `de`; the page's own by default. */
  readonly language?: string;
  readonly profile?: string;
  /** A JWT of the page's that says who its reader is, signed with the app's `[auth] embed_secret`. */
  readonly accessToken?: string;
  /** Gets one, at first and whenever the one before has ended. */
  readonly getToken?: () => Promise<string>;
  /** Functions of the page that the app may call, by name. */
  readonly functions?: Readonly<Record<string, PageFunction>>;
}

export type Display = "floating" | "expanded" | "sidebar";
export type Theme = "light" | "dark" | "system" | "host";

/** The type of one argument; with a `?` it may be left out. */
export type ArgumentType = `${"string" | "number" | "integer" | "boolean" | "object" | "array"}${"" | "?"}`;

/** A function of the page. Its value goes to the app as JSON. */
export interface PageFunction {
  /** What it takes: types by name, or what reads them, such as a schema of Zod. Without, it takes nothing. */
  readonly args?: Readonly<Record<string, ArgumentType>> | { parse(args: unknown): unknown };
  run(args: Readonly<Record<string, unknown>>): unknown;
}

/** A chat in a page, as the page steers it. */
export interface Widget {
  readonly id: string;
  readonly isOpen: boolean;
  open(): void;
  close(): void;
  toggle(): void;
  /** Says something for the reader, in a chat that may be closed. */
  send(text: string): void;
  /** Gives the app something to know, any JSON value: its `on_window_message` gets it. */
  tell(data: unknown): void;
  newThread(): void;
  setTheme(theme: Theme): void;
  /** Somebody else reads the page, or the token before has ended. */
  setToken(token: string): void;
  /** Takes the widget from the page, with all that belongs to it. */
  unmount(): void;
}

/** What a widget tells the page around it, as events of `window`: `addEventListener("convo:open", …)`. */
export interface WidgetEvents {
  "convo:open": WidgetDetail;
  "convo:close": WidgetDetail;
  /** The chat is connected. */
  "convo:ready": WidgetDetail & { readonly thread: string };
  /** Another thread is open; none for a new one that has not begun. */
  "convo:thread": WidgetDetail & { readonly thread: string | undefined };
  /** The app sends the page something: `convo.send_window_message`. */
  "convo:message": WidgetDetail & { readonly data: unknown };
  /** The chat cannot go on; `unauthenticated` asks for `setToken`. */
  "convo:error": WidgetDetail & { readonly code: string; readonly text: string };
  "convo:unmount": WidgetDetail;
}

export interface WidgetDetail {
  /** The widget's `id`. */
  readonly id: string;
}

declare global {
  interface WindowEventMap extends WidgetEventMap {}
}

type WidgetEventMap = { readonly [N in keyof WidgetEvents]: CustomEvent<WidgetEvents[N]> };
