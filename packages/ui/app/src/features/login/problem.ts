import { strings } from "../../strings.login";

/** What went wrong on the way back from a provider, in words; the address is then without it. */
export function takeProblem(): string | undefined {
  const query = new URLSearchParams(location.search);
  const code = query.get("error");
  if (code === null) return undefined;
  query.delete("error");
  const rest = query.toString();
  history.replaceState(history.state, "", `${location.pathname}${rest && `?${rest}`}`);
  return (strings.problems as Record<string, string>)[code] ?? strings.problems.other;
}

/** Where a provider's sign-in begins, and that it is to come back to where we are. */
export function providerAddress(root: string, id: string, here: { pathname: string; search: string }): string {
  const path = here.pathname.slice(root.length) || "/";
  const isLogin = path === "/login";
  const next = isLogin ? (new URLSearchParams(here.search).get("next") ?? "/") : `${path}${here.search}`;
  return `${root}/auth/oauth/${encodeURIComponent(id)}?${new URLSearchParams({ next })}`;
}
