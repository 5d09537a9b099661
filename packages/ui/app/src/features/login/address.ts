import { config } from "../../config";

/** A path of this app's, as the server takes one: browsers leave out tabs and line ends, so `/\t/host` is another host. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that must not be there
const PATH = /^\/(?![/\\])[^\\\u0000-\u0020\u007f]*$/;

interface Place {
  readonly pathname: string;
  readonly search: string;
}

/** Whether an address is that of the page where people sign in and nothing else. */
export function isLoginPath(pathname: string): boolean {
  return pathname === `${config.root}/login`;
}

/** The path within the app that somebody is to see once he is in: where he stands, or what the login page was told. */
export function nextOf({ pathname, search }: Place): string {
  if (!isLoginPath(pathname)) return `${pathname.slice(config.root.length) || "/"}${withoutProblem(search)}`;
  const next = new URLSearchParams(search).get("next") ?? "/";
  return PATH.test(next) && !isLoginPath(`${config.root}${next}`) ? next : "/";
}

/** The same as an address. */
export function comeBackTo(place: Place): string {
  return `${config.root}${nextOf(place)}`;
}

/** Where a provider's sign-in begins; `url` is from the app's root. */
export function providerAddress(url: string, place: Place): string {
  return `${config.root}/${url}?${new URLSearchParams({ next: nextOf(place) })}`;
}

/** The code of what went wrong on the way back from a provider. */
export function problemIn({ search }: Pick<Place, "search">): string | undefined {
  return new URLSearchParams(search).get("error") ?? undefined;
}

/** Takes that code out of the address: it has been shown, and a reload would show it again. */
export function forgetProblem(): void {
  const search = withoutProblem(location.search);
  if (search !== location.search) history.replaceState(history.state, "", location.pathname + search);
}

function withoutProblem(search: string): string {
  const query = new URLSearchParams(search);
  if (!query.has("error")) return search;
  query.delete("error");
  const rest = query.toString();
  return rest && `?${rest}`;
}
