import type { ConvoClient } from "@convo/client";
import { type Config, config, readConfig } from "../../config";
import { unsent } from "../composer/unsent";
import { showHistory } from "../history/open";
import { repaint } from "./theme";

const LINKS = ["convo-icon", "convo-theme", "convo-css"];

/**
 * While its author works on the app, shows how it looks and what it says as he saves it.
 *
 * The page is asked for anew and what is different taken over. What cannot be, as a script, the policy or words, loads
 * the page again, as soon as nothing is written or attached that would be lost by it.
 */
export function followLooks(client: ConvoClient): void {
  const detailOf = (type: string) => client.notices.find((notice) => notice.type === type)?.detail;
  let looks = config.looks;
  let app: string | undefined;
  client.subscribe("notices", () => {
    const notice = client.notices.find(({ type }) => type === "looks-changed");
    const revision = notice?.detail ?? looks;
    const settings = detailOf("app-changed");
    if (revision === looks && settings === app) return;
    const names = revision === looks ? "" : (notice?.text ?? "");
    looks = revision;
    app = settings;
    if (/\.js\b/.test(names) && document.getElementById("convo-js")) reload();
    else void follow(/\.css\b/.test(names) ? looks : undefined);
  });
}

/** Takes over what the server writes into the page now, and reads the app's own stylesheet again as `revision`. */
async function follow(revision: string | undefined): Promise<void> {
  const response = await fetch(location.href).catch(() => undefined);
  if (!response?.ok) return; // the next connection, or the next save, brings it
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const next = readConfig(page.getElementById("convo-config")?.textContent);
  if (fixed(next) !== fixed(config) || scripts(page) !== scripts(document)) return reload();
  Object.assign(config, next);
  const { layout, default: theme } = page.documentElement.dataset;
  Object.assign(document.documentElement.dataset, { layout, default: theme });
  for (const id of LINKS) {
    relink(id, fileOf(page.getElementById(id)), id === "convo-css" ? revision : undefined);
  }
  repaint();
  showHistory();
}

/** What a page keeps from its beginning to its end. */
function fixed({ name, theme, logo, loginImage, isSidebarOpen, looks, ...rest }: Config): string {
  return JSON.stringify(rest);
}

/** The app's script, and whatever else is elsewhere: the policy of the page lets in nothing new. */
function scripts(page: Document): string {
  const script = page.getElementById("convo-js")?.getAttribute("src");
  const style = fileOf(page.getElementById("convo-css")) ?? "";
  return JSON.stringify([script, style.startsWith("https:") && style]);
}

/** What the server has named, without the revision that we put behind it. */
function fileOf(link: HTMLElement | null): string | undefined {
  return link?.dataset.file ?? link?.getAttribute("href") ?? undefined;
}

/** Puts another file behind a link of the head. The old one holds until it is there, so that nothing flickers. */
function relink(id: string, file: string | undefined, revision: string | undefined): void {
  const links = document.querySelectorAll<HTMLLinkElement>(`#${id}`);
  const last = [...links].at(-1) ?? null;
  if (file === undefined) for (const link of links) link.remove();
  if (file === undefined || (fileOf(last) === file && revision === undefined)) return;
  const link = document.createElement("link");
  link.id = id;
  link.rel = id === "convo-icon" ? "icon" : "stylesheet";
  link.dataset.file = file;
  link.href = revision === undefined ? file : `${file}?${encodeURIComponent(revision)}`;
  const settle = () => {
    while (link.previousElementSibling?.id === id) link.previousElementSibling.remove();
    repaint();
  };
  link.addEventListener("load", settle, { once: true });
  link.addEventListener("error", settle, { once: true });
  if (last) last.after(link);
  else document.head.append(link);
}

let isWaiting = false;

function reload(): void {
  if (!isWriting()) location.reload();
  else if (!isWaiting) {
    isWaiting = true;
    setInterval(() => isWriting() || location.reload(), 500);
  }
}

/** Something would be lost: the message box keeps its draft, other fields and files do not. */
function isWriting(): boolean {
  const fields = document.querySelectorAll<HTMLTextAreaElement | HTMLInputElement>(
    "textarea:not(#composer), input:is([type=text], [type=search], [type=password], [type=email], :not([type]))",
  );
  return unsent().files || [...fields].some(({ value, readOnly }) => value !== "" && !readOnly);
}
