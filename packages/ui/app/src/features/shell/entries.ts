import type { ConvoClient } from "@convo/client";
import { config } from "../../config";
import { chooseLanguage, languages } from "../../language/languages";
import { strings } from "../../strings";
import { copyText } from "../../ui/clipboard";
import type { Shape } from "../../ui/Glyph";
import { surface } from "../../ui/surface";
import { stopAll } from "../composer/stop";
import { FORMATS, saveThread } from "../history/exports";
import { shareThread } from "../share/place";
import { setTheme, type Theme } from "../theme/theme";
import { canNotify, isNotifying, setNotifying } from "./away";
import { type Intent, intend } from "./intent";
import { SHORTCUTS } from "./keys";

/** Something the palette can do. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly shape: Shape;
  readonly keys?: string;
  run(): void;
}

const words = strings.palette;
const THEMES = ["light", "dark", "system"] as const; // of a page; the one around a widget decides for that
const shapes: Record<Theme, Shape> = { light: "sun", dark: "moon", system: "screen" };

/** What can be done at the moment. */
export function entriesOf(client: ConvoClient, onNewChat: (profile?: string) => void): readonly Entry[] {
  const entries: Entry[] = [];
  const add = (id: string, name: string, shape: Shape, run: () => void, keys?: string) =>
    entries.push({ id, name, shape, run, ...(keys !== undefined && { keys }) });
  const open = (intent: Intent) => () => intend(intent);
  const ask = (request: Parameters<ConvoClient["request"]>[0]) => () =>
    void client.request(request).catch((error) => client.showFailure(error));
  const { info, turns } = client;

  add("new", strings.app.newChat, "plus", () => onNewChat(), SHORTCUTS.newChat);
  if (client.runs.running.length > 0) add("stop", words.stop, "stopped", () => void stopAll(client));
  const answers = turns.flatMap((turn) => turn.items).map((id) => client.step(id));
  const answer = answers.findLast((step) => step?.type === "assistant_message" && step.output !== "");
  if (answer) {
    add("copy", words.copy, "copy", () => {
      void copyText(answer.output).then((isCopied) => isCopied && client.showToast(strings.message.copied, "success"));
    });
  }
  const run = answer?.runId === undefined ? undefined : client.run(answer.runId);
  if (answer && run?.callback === "on_message") {
    add("again", words.again, "again", ask({ kind: "regenerate", messageId: answer.id }));
  }
  if (client.field("settings") != null) add("settings", strings.settings.title, "sliders", open("settings"));
  if ((info?.mcp ?? []).length > 0 || info?.mcpOwn) add("mcp", strings.mcp.title, "plug", open("mcp"));
  if (info?.favourites) add("favourites", strings.favourites.title, "star", open("favourites"));
  const current = client.field("profile");
  for (const profile of info?.profiles ?? []) {
    if (profile.name === current) continue;
    const name = profile.displayName ?? profile.name;
    add(`profile ${profile.name}`, words.profile({ name }), "chat", () => onNewChat(profile.name));
  }
  const { threadId } = client;
  if (threadId !== undefined && turns.length > 0) {
    if (info?.sharing) add("share", strings.share.button, "share", () => shareThread(threadId));
    for (const format of FORMATS) {
      const name = words.exportAs({ format: strings.exports.format[format] });
      add(`export ${format}`, name, "download", () => void saveThread(client, threadId, format));
    }
  }
  for (const theme of surface.isPage ? THEMES : []) {
    add(`theme ${theme}`, words.theme({ name: strings.theme.name[theme] }), shapes[theme], () => setTheme(theme));
  }
  for (const { tag, name } of languages()) {
    if (tag !== config.language)
      add(`language ${tag}`, strings.language.choose({ name }), "globe", () => chooseLanguage(tag));
  }
  if (canNotify()) {
    const isOn = isNotifying();
    add("notify", isOn ? words.notNotify : words.notify, "bell", () => void setNotifying(client, !isOn));
  }
  if (info?.readme) add("readme", strings.readme.title, "book", open("readme"));
  if (config.env.length > 0) add("keys", strings.keys.title, "key", open("keys"));
  add("shortcuts", strings.shortcuts.title, "keyboard", open("shortcuts"), SHORTCUTS.shortcuts);
  return entries;
}

/** Those that have all the words of `query`, the ones that begin with it first. */
export function matching(entries: readonly Entry[], query: string): readonly Entry[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter(({ name }) => wanted.every((word) => name.toLowerCase().includes(word)));
  const begins = ({ name }: Entry) => Number(!name.toLowerCase().startsWith(wanted[0] ?? ""));
  return found.toSorted((one, other) => begins(one) - begins(other));
}
