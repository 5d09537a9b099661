import type { ConvoClient } from "@convo/client";
import { config } from "../../config";
import { strings } from "../../strings";
import { surface } from "../../ui/surface";

const KEY = "convo:notify";
const LENGTH = 140;

let base = config.name;
let unseen = 0;

/** The page's title, behind the number of what happened while nobody looked. */
export function setTitle(title: string): void {
  base = title;
  if (surface.isPage) document.title = unseen > 0 ? `(${unseen}) ${base}` : base;
}

/** Tells a user who looks elsewhere that an answer is there, or that one is asked of him. */
export function watchAway(client: ConvoClient): () => void {
  let running = new Set<string>();
  let asked = new Set<string>();

  const happened = (text: string) => {
    unseen += 1;
    setTitle(base);
    notify(base, text);
  };
  const onRuns = () => {
    const now = new Set(client.runs.running.filter(({ callback }) => callback === "on_message").map(({ id }) => id));
    const ended = [...running].filter((id) => !now.has(id)).map((id) => client.run(id));
    running = now;
    if (!document.hidden) return;
    for (const run of ended) {
      if (run?.status === "failed") happened(strings.run.failed);
      else if (run?.status === "done") happened(lastWords(client, run.id));
    }
  };
  const onAsks = () => {
    const fresh = client.asks.filter(({ id }) => !asked.has(id));
    asked = new Set(client.asks.map(({ id }) => id));
    if (document.hidden) for (const ask of fresh) happened(client.step(ask.stepId)?.output ?? strings.ask.asks);
  };
  const onLook = () => {
    if (document.hidden) return;
    unseen = 0;
    setTitle(base);
  };

  const ends = [client.subscribe("runs", onRuns), client.subscribe("asks", onAsks)];
  document.addEventListener("visibilitychange", onLook);
  return () => {
    for (const end of ends) end();
    document.removeEventListener("visibilitychange", onLook);
  };
}

function lastWords(client: ConvoClient, runId: string): string {
  const said = client.turns.flatMap((turn) => turn.items).map((id) => client.step(id));
  const text = said.findLast((step) => step?.isMessage && step.runId === runId)?.output ?? "";
  const plain = text
    .replaceAll(/[#*_`>|~]+/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
  return plain === "" ? strings.away.done : plain.slice(0, LENGTH);
}

/** Whether this browser has notifications at all. */
export function canNotify(): boolean {
  return "Notification" in globalThis && isSecureContext;
}

export function isNotifying(): boolean {
  try {
    return canNotify() && Notification.permission === "granted" && surface.local.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

/** Turns notifications on, which asks the browser, or off. Only ever called because a user wants it. */
export async function setNotifying(client: ConvoClient, isOn: boolean): Promise<void> {
  try {
    if (isOn && (await Notification.requestPermission()) !== "granted") {
      client.showToast(strings.away.denied, "warning");
      return;
    }
    if (isOn) surface.local.setItem(KEY, "on");
    else surface.local.removeItem(KEY);
    client.showToast(isOn ? strings.away.on : strings.away.off, "success");
  } catch {
    client.showToast(strings.away.denied, "warning");
  }
}

function notify(title: string, body: string): void {
  if (!isNotifying()) return;
  try {
    const notification = new Notification(title, { body, tag: surface.path });
    notification.onclick = () => {
      globalThis.focus();
      notification.close();
    };
  } catch {
    // Phones want a service worker for this; the title tells it all the same.
  }
}
