import type { Display, Theme, WidgetOptions } from "./contract";

/** Options that are whole. */
export interface Settings extends WidgetOptions {
  readonly url: string;
  readonly id: string;
  readonly label: string;
  readonly display: Display;
  readonly side: "left" | "right";
  readonly theme: Theme;
}

const DISPLAYS: readonly string[] = ["floating", "expanded", "sidebar"];
const THEMES: readonly string[] = ["light", "dark", "system", "host"];
const KNOWN = new Set([
  "url",
  "id",
  "label",
  "button",
  "display",
  "side",
  "isOpen",
  "theme",
  "language",
  "profile",
  "accessToken",
  "getToken",
  "functions",
]);

/** Checks what a page wants; `home` is where the script came from. Throws `TypeError`, which says what is wrong. */
export function read(options: WidgetOptions, home: string | undefined): Settings {
  for (const name of Object.keys(options)) if (!KNOWN.has(name)) fail(`there is no option \`${name}\``);
  const { id = "default", display = "floating", theme = "host", side } = options;
  const url = address(options.url ?? home);
  if (!/^[\w-]{1,64}$/.test(id)) fail("`id` is made of letters, digits, `-` and `_`");
  if (!DISPLAYS.includes(display)) fail(`\`display\` is one of ${DISPLAYS.join(", ")}`);
  checkTheme(theme);
  if (side !== undefined && side !== "left" && side !== "right") fail("`side` is left or right");
  if (options.accessToken !== undefined && typeof options.accessToken !== "string") fail("`accessToken` is a text");
  if (options.getToken !== undefined && typeof options.getToken !== "function") fail("`getToken` is a function");
  for (const [name, one] of Object.entries(options.functions ?? {})) {
    if (typeof one?.run !== "function") fail(`the function \`${name}\` has no \`run\``);
  }
  const isRightToLeft = getComputedStyle(document.documentElement).direction === "rtl";
  return {
    ...options,
    url,
    id,
    display,
    theme,
    label: options.label ?? "Chat",
    side: side ?? (isRightToLeft ? "left" : "right"),
  };
}

export function checkTheme(theme: unknown): asserts theme is Theme {
  if (typeof theme !== "string" || !THEMES.includes(theme)) fail(`\`theme\` is one of ${THEMES.join(", ")}`);
}

function address(url: string | undefined): string {
  if (url === undefined) return fail("`url` says where the app is");
  if (!URL.canParse(url, location.href)) return fail("`url` cannot be read");
  const { protocol, href } = new URL(url, location.href);
  if (protocol !== "https:" && protocol !== "http:") return fail("`url` begins with https:// or http://");
  return href.replace(/[?#].*$/, "").replace(/\/+$/, "");
}

function fail(text: string): never {
  throw new TypeError(`mountConvoWidget: ${text}.`);
}
