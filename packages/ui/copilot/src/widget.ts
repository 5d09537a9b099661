import tokens from "../../app/src/styles/tokens.css?inline";
import type { Theme, Widget, WidgetOptions } from "./contract";
import { tell } from "./events";
import { Frame } from "./frame";
import { home } from "./home";
import { Keep } from "./keep";
import { checkTheme, read, type Settings } from "./options";
import type { Chat, ChatModule } from "./place";
import { follow } from "./tone";
import styles from "./widget.css?inline";

/** Puts a chat into the page. Throws `TypeError` for options that are wrong, and for an `id` that is taken. */
export function mountConvoWidget(options: WidgetOptions = {}): Widget {
  const settings = read(options, home);
  if (mounted.has(settings.id)) {
    throw new TypeError(
      `mountConvoWidget: there is a widget \`${settings.id}\` already; give this one another \`id\`.`,
    );
  }
  return new PageWidget(settings);
}

/** The widgets of a page by their ids, each with the number of the modules it has for itself. */
const mounted = registry();
/** Nothing of these reaches the page around the widget. */
const KEPT_WITHIN = [
  ...["keydown", "keyup", "keypress", "beforeinput", "input", "change", "paste", "copy", "cut", "submit"],
  ...["compositionstart", "compositionupdate", "compositionend", "dragenter", "dragover", "drop", "select"],
];
const SIGN =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M21 12a8 8 0 0 1-11.8 7L4 20l1.2-4.6A8 8 0 1 1 21 12z"/></svg>';

class PageWidget implements Widget {
  readonly id: string;
  readonly #settings: Settings;
  #number: number;
  readonly #host = document.createElement("convo-widget");
  readonly #shadow = this.#host.attachShadow({ mode: "closed" });
  readonly #page = document.createElement("div");
  readonly #launch = document.createElement("button");
  readonly #panel = document.createElement("section");
  readonly #chatPlace = document.createElement("div");
  readonly #layer = document.createElement("div");
  readonly #local: Keep;
  readonly #session: Keep;
  readonly #frame: Frame;
  #chat: Promise<Chat> | undefined;
  #live: Chat | undefined;
  #stopFollowing: () => void = () => {};
  #isMounted = true;

  constructor(settings: Settings) {
    this.id = settings.id;
    this.#settings = settings;
    const prefix = `convo:${settings.id}:`;
    this.#local = new Keep(() => localStorage, prefix);
    this.#session = new Keep(() => sessionStorage, prefix);
    this.#draw();
    this.#frame = new Frame(this.#page, this.#panel, this.#local, settings.display, settings.side);
    this.#frame.name({ width: "Width", height: "Height" });
    this.#number = numberFrom(0);
    mounted.set(settings.id, this.#number);
    this.#keepWithin();
    this.#follow(settings.theme);
    document.documentElement.append(this.#host);
    if (this.#session.getItem("open") ?? settings.isOpen) this.#setOpen(true);
    else if (this.#session.getItem("live") !== null) void this.#load(); // what it has to answer, it answers closed too
  }

  get isOpen(): boolean {
    return !this.#panel.hidden;
  }

  open(): void {
    if (!this.isOpen && this.#isMounted) this.#setOpen(true);
    // Until there is a message box, and where none will be, the keys are the panel's.
    if (!this.#panel.contains(this.#shadow.activeElement)) this.#panel.focus({ preventScroll: true });
    this.#live?.focus();
  }

  close(): void {
    if (!this.isOpen) return;
    const hadFocus = this.#shadow.activeElement !== null;
    this.#setOpen(false);
    if (hadFocus) this.#launch.focus({ preventScroll: true });
  }

  toggle(): void {
    if (this.isOpen) this.close();
    else this.open();
  }

  send(text: string): void {
    if (typeof text !== "string") throw new TypeError("send: a text is sent.");
    this.#with((chat) => chat.send(text));
  }

  tell(data: unknown): void {
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError("tell: only JSON is told.");
    this.#with((chat) => chat.tell(JSON.parse(text)));
  }

  newThread(): void {
    this.#with((chat) => chat.newThread());
  }

  setTheme(theme: Theme): void {
    checkTheme(theme);
    this.#follow(theme);
  }

  setToken(token: string): void {
    if (typeof token !== "string") throw new TypeError("setToken: a token is a text.");
    this.#with((chat) => chat.setToken(token));
  }

  unmount(): void {
    if (!this.#isMounted) return;
    this.#isMounted = false;
    this.#live?.end();
    this.#frame.end();
    this.#stopFollowing();
    removeEventListener("pointerdown", this.#onPressElsewhere, true);
    this.#host.remove();
    mounted.delete(this.id);
    this.#session.removeItem("open");
    this.#session.removeItem("live");
    tell("convo:unmount", { id: this.id });
  }

  #draw(): void {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(tokens + styles);
    this.#shadow.adoptedStyleSheets = [sheet];
    const { label, button = true } = this.#settings;
    this.#page.className = "widget-root";
    this.#page.dir = getComputedStyle(document.documentElement).direction;
    this.#launch.className = "launch";
    this.#launch.type = "button";
    this.#launch.part.add("button");
    this.#launch.hidden = !button;
    this.#launch.setAttribute("aria-expanded", "false");
    this.#launch.innerHTML = SIGN;
    this.#launch.addEventListener("click", () => this.toggle());
    this.#panel.className = "widget-panel";
    this.#panel.part.add("panel");
    this.#panel.setAttribute("role", "dialog");
    this.#panel.tabIndex = -1;
    this.#panel.hidden = true;
    this.#label(label);
    this.#chatPlace.className = "chat";
    this.#layer.className = "layer";
    this.#panel.append(this.#chatPlace);
    this.#page.append(this.#launch, this.#panel, this.#layer);
    this.#shadow.append(this.#page);
  }

  #label(label: string): void {
    this.#launch.setAttribute("aria-label", label);
    this.#launch.title = label;
    this.#panel.setAttribute("aria-label", label);
  }

  #keepWithin(): void {
    for (const name of KEPT_WITHIN) this.#shadow.addEventListener(name, (event) => event.stopPropagation());
    this.#shadow.addEventListener("keydown", (event) => {
      const isOurs = event instanceof KeyboardEvent && event.key === "Escape";
      if (!isOurs || this.#shadow.querySelector("dialog[open]") !== null) return;
      // Once all within have heard it: what they close by it comes first.
      setTimeout(() => event.defaultPrevented || this.close());
    });
    addEventListener("pointerdown", this.#onPressElsewhere, true);
  }

  /** Menus close when something else is pressed, also beside the widget. */
  readonly #onPressElsewhere = (event: PointerEvent): void => {
    if (event.target !== this.#host) this.#shadow.dispatchEvent(new PointerEvent("pointerdown"));
  };

  #follow(theme: Theme): void {
    this.#stopFollowing();
    this.#stopFollowing = follow(theme, (tone) => {
      if (this.#page.dataset.theme === tone) return;
      this.#page.dataset.theme = tone;
      this.#live?.repaint();
    });
  }

  #setOpen(isOpen: boolean): void {
    this.#panel.hidden = !isOpen;
    this.#launch.setAttribute("aria-expanded", String(isOpen));
    this.#frame.setOpen(isOpen);
    if (isOpen) this.#session.setItem("open", "1");
    else this.#session.removeItem("open");
    if (isOpen) void this.#load().then((chat) => chat?.focus());
    tell(isOpen ? "convo:open" : "convo:close", { id: this.id });
  }

  #with(run: (chat: Chat) => void): void {
    if (this.#isMounted) void this.#load().then((chat) => chat && run(chat));
  }

  /** The chat, loaded when it is first needed; nothing when that fails, which the widget says then. */
  async #load(): Promise<Chat | undefined> {
    this.#launch.setAttribute("aria-busy", "true");
    try {
      this.#chat ??= this.#begin();
      return await this.#chat;
    } catch (error) {
      this.#chat = undefined;
      if (this.#isMounted) this.#say(error instanceof Error ? error.message : String(error));
      return undefined;
    } finally {
      this.#launch.removeAttribute("aria-busy");
    }
  }

  async #begin(): Promise<Chat> {
    // Modules of its own: what they keep is for one widget.
    const address = `${this.#settings.url}/copilot/${this.#number}/copilot/chat.js`;
    const { openChat } = (await import(/* @vite-ignore */ address)) as ChatModule;
    const chat = await openChat({
      settings: this.#settings,
      shadow: this.#shadow,
      page: this.#page,
      chat: this.#chatPlace,
      layer: this.#layer,
      local: this.#local,
      session: this.#session,
      layout: this.#frame,
      reload: () => this.#again(),
      renew: () => this.#renew(),
      close: () => this.close(),
      name: (name, words) => {
        if (this.#settings.label === "Chat") this.#label(name);
        this.#frame.name(words);
      },
    });
    if (!this.#isMounted) {
      chat.end();
      throw new Error("The widget is gone.");
    }
    this.#live = chat;
    this.#session.setItem("live", "1");
    return chat;
  }

  #again(): void {
    this.#live?.end();
    this.#live = undefined;
    this.#chat = undefined;
    if (this.isOpen) void this.#load().then((chat) => chat?.focus());
  }

  /** Begins anew with the modules that the server has now: those of the number until now are what it had. */
  #renew(): void {
    this.#number = numberFrom(this.#number + 1);
    mounted.set(this.id, this.#number);
    this.#again();
  }

  #say(text: string): void {
    tell("convo:error", { id: this.id, code: "unavailable", text });
    const note = document.createElement("p");
    note.className = "problem";
    note.setAttribute("role", "alert");
    note.textContent = `The chat could not be loaded: ${text}`;
    this.#chatPlace.replaceChildren(note);
  }
}

/** The first that no widget of the page has. */
function numberFrom(first: number): number {
  const taken = new Set(mounted.values());
  let number = first;
  while (taken.has(number)) number++;
  return number;
}

/** Shared by all copies of the script in a page. */
function registry(): Map<string, number> {
  const page = globalThis as unknown as Record<symbol, Map<string, number> | undefined>;
  const key = Symbol.for("convo.widgets");
  page[key] ??= new Map();
  return page[key];
}
