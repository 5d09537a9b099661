import { config } from "../config";
import { put, putEnglish } from "../strings";
import { surface } from "../ui/surface";
import type { Catalogue } from "./catalogue";

const catalogues = import.meta.glob<Catalogue>(["../../../src/convo_ui/languages/*.json", "!**/en.json"], {
  import: "default",
});
const loads = new Map(Object.entries(catalogues).map(([path, load]) => [nameOf(path), load]));

/** The languages there are words in, by their tags, in the order of the alphabet of their own names. */
export function languages(): readonly { tag: string; name: string }[] {
  const names = ["en", ...loads.keys()].map((tag) => ({ tag, name: ownName(tag) }));
  return names.sort((one, other) => one.name.localeCompare(other.name, config.language));
}

/** How a language calls itself. */
export function ownName(tag: string): string {
  const written = { "zh-CN": "zh-Hans", "zh-TW": "zh-Hant" }[tag] ?? tag;
  const name = new Intl.DisplayNames(written, { type: "language" }).of(written) ?? tag;
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}

/** Puts the words of the page's language in place. Without a connection the page is in English. */
export async function loadLanguage(): Promise<void> {
  putEnglish(); // what another language has said until now, in a widget that begins anew
  if (config.language === "en-XA") put((await import("./pseudo")).pseudo);
  const load = loads.get(config.language);
  if (load !== undefined) {
    try {
      put(await load());
    } catch {
      surface.frame.lang = "en";
      surface.frame.dir = "ltr";
    }
  }
  put(config.words);
}

const CHOSEN = "language";

/** What a reader has chosen in a widget. In a page of its own the server knows it. */
export function chosenLanguage(local: Storage): string | undefined {
  return local.getItem(CHOSEN) ?? undefined;
}

/** Keeps the choice, for all pages of this app or for the widget, and shows this one in it. */
export function chooseLanguage(tag: string): void {
  if (surface.isPage) tellServer(tag);
  else surface.local.setItem(CHOSEN, tag);
  surface.reload();
}

/** For a year. */
function tellServer(tag: string): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the server reads it; nothing else can tell it before the page loads
  document.cookie = `convo_language=${tag}; Path=${config.root || "/"}; Max-Age=31536000; SameSite=Lax${secure}`;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1, -".json".length);
}
