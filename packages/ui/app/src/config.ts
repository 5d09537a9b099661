/** What the server wrote into the page. */
export interface Config {
  /** Path prefix without a trailing slash; empty at the root of the host. */
  readonly root: string;
  readonly name: string;
}

export function readConfig(source: string | null | undefined): Config {
  const fallback: Config = { root: "", name: "convo" };
  try {
    const parsed: unknown = JSON.parse(source ?? "");
    if (typeof parsed !== "object" || parsed === null) return fallback;
    const { root, name } = parsed as Record<string, unknown>;
    return {
      root: typeof root === "string" ? root.replace(/\/+$/, "") : fallback.root,
      name: typeof name === "string" && name !== "" ? name : fallback.name,
    };
  } catch {
    return fallback;
  }
}

export const config: Config = readConfig(document.getElementById("convo-config")?.textContent);
