import type { Catalogue } from "./language/catalogue";

/** What the server wrote into the page, or tells the widget. */
export interface Config {
  /** Path prefix without a trailing slash; empty at the root of the host. */
  readonly root: string;
  readonly name: string;
  /** What each user must give the app, as keys of APIs, and how long his browser keeps it. */
  readonly env: readonly string[];
  readonly keepEnv: "tab" | "browser";
  /** Other origins whose pages may hold this one in a frame. */
  readonly origins: readonly string[];
  /** Whether threads are kept for whoever looks. */
  readonly history: boolean;
  /** Whether people can sign in. */
  readonly login: boolean;
  /** Hosts whose images a text may show at once, as `https://images.example.com`; `*` for all. */
  readonly images: readonly string[];
  /** HTML in texts is drawn, once it was sanitised. */
  readonly html: boolean;
  /** Errors are shown as they are: this is its author's page. */
  readonly isDebug: boolean;
  /** The tag of the page's language, one of those there are words in. */
  readonly language: string;
  /** For who has chosen none. */
  readonly theme: "light" | "dark" | "system";
  /** Addresses of the app's sign; empty without one. */
  readonly logo: { readonly light: string; readonly dark: string };
  readonly loginImage: string;
  /** Whether the list of chats is open for who has not moved it. */
  readonly isSidebarOpen: boolean;
  /** What the page has of looks, as `looks-changed` names it; empty before any change. */
  readonly looks: string;
  /** What the app says in words of its own. */
  readonly words: Catalogue;
}

export function readConfig(source: string | null | undefined): Config {
  const fallback: Config = {
    root: "",
    name: "convo",
    env: [],
    keepEnv: "tab",
    origins: [],
    history: false,
    login: false,
    images: [],
    html: false,
    isDebug: false,
    language: "en",
    words: {},
    theme: "system",
    logo: { light: "", dark: "" },
    loginImage: "",
    isSidebarOpen: true,
    looks: "",
  };
  try {
    const parsed: unknown = JSON.parse(source ?? "");
    if (typeof parsed !== "object" || parsed === null) return fallback;
    const read = parsed as Record<string, unknown>;
    const { root, name, env, keepEnv, origins, history, login, images, html, isDebug, language, words } = read;
    const { theme, logo, loginImage, sidebar, looks } = read;
    return {
      root: typeof root === "string" ? root.replace(/\/+$/, "") : fallback.root,
      name: typeof name === "string" && name !== "" ? name : fallback.name,
      env: Array.isArray(env) ? env.filter((key) => typeof key === "string") : fallback.env,
      keepEnv: keepEnv === "browser" ? "browser" : fallback.keepEnv,
      origins: Array.isArray(origins) ? origins.filter((origin) => typeof origin === "string") : fallback.origins,
      history: history === true,
      login: login === true,
      images: Array.isArray(images) ? images.filter((host) => typeof host === "string") : fallback.images,
      html: html === true,
      isDebug: isDebug === true,
      language: typeof language === "string" && language !== "" ? language : fallback.language,
      theme: theme === "light" || theme === "dark" ? theme : fallback.theme,
      logo: typeof logo === "object" && logo !== null ? (logo as Config["logo"]) : fallback.logo,
      loginImage: typeof loginImage === "string" ? loginImage : fallback.loginImage,
      isSidebarOpen: sidebar !== "closed",
      looks: typeof looks === "string" ? looks : fallback.looks,
      words: typeof words === "object" && words !== null ? (words as Catalogue) : fallback.words,
    };
  } catch {
    return fallback;
  }
}

export const config: Config = readConfig(document.getElementById("convo-config")?.textContent);

/** Takes what the server told, where no page was written for the app. */
export function adoptConfig(source: string): void {
  Object.assign(config, readConfig(source));
}
