/** What the server wrote into the page. */
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
  };
  try {
    const parsed: unknown = JSON.parse(source ?? "");
    if (typeof parsed !== "object" || parsed === null) return fallback;
    const read = parsed as Record<string, unknown>;
    const { root, name, env, keepEnv, origins, history, login, images, html, isDebug } = read;
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
    };
  } catch {
    return fallback;
  }
}

export const config: Config = readConfig(document.getElementById("convo-config")?.textContent);
