/** How people sign in. */
export interface Login {
  readonly password: boolean;
  readonly providers: readonly { readonly id: string; readonly label: string }[];
}

/** Who has signed in. */
export interface UserInfo {
  readonly identifier: string;
  readonly name: string;
}

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
  /** Absent where nobody has to. */
  readonly login?: Login;
  readonly user?: UserInfo;
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
    isDebug: false,
  };
  try {
    const parsed: unknown = JSON.parse(source ?? "");
    if (!isRecord(parsed)) return fallback;
    const { root, name, env, keepEnv, origins, history, login, user, isDebug } = parsed;
    return {
      root: typeof root === "string" ? root.replace(/\/+$/, "") : fallback.root,
      name: typeof name === "string" && name !== "" ? name : fallback.name,
      env: Array.isArray(env) ? env.filter((key) => typeof key === "string") : fallback.env,
      keepEnv: keepEnv === "browser" ? "browser" : fallback.keepEnv,
      origins: Array.isArray(origins) ? origins.filter((origin) => typeof origin === "string") : fallback.origins,
      history: history === true,
      ...(isRecord(login) && { login: readLogin(login) }),
      ...(isRecord(user) && { user: { identifier: String(user.identifier), name: String(user.name) } }),
      isDebug: isDebug === true,
    };
  } catch {
    return fallback;
  }
}

function readLogin({ password, providers }: Record<string, unknown>): Login {
  const known = Array.isArray(providers) ? providers.filter(isRecord) : [];
  return {
    password: password === true,
    providers: known.map(({ id, label }) => ({ id: String(id), label: String(label) })),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export const config: Config = readConfig(document.getElementById("convo-config")?.textContent);
