import "@convo/app/src/styles/base.css";
// Whoever opens the chat reads it: one file is smaller than many.
import "@convo/app/src/features/thread/Transcript";
import { adoptConfig, config } from "@convo/app/src/config";
import { App } from "@convo/app/src/features/app/App";
import { ErrorBoundary } from "@convo/app/src/features/app/ErrorBoundary";
import { moveTo } from "@convo/app/src/features/app/path";
import { addressOf } from "@convo/app/src/features/app/route";
import { KeysGate } from "@convo/app/src/features/keys/KeysGate";
import { readKeys } from "@convo/app/src/features/keys/keys";
import { SignInGate } from "@convo/app/src/features/login/SignInGate";
import { repaint } from "@convo/app/src/features/theme/theme";
import { chosenLanguage, loadLanguage } from "@convo/app/src/language/languages";
import { said } from "@convo/app/src/said";
import { strings } from "@convo/app/src/strings";
import { isOutdated } from "@convo/app/src/ui/part";
import { type Surface, showOn } from "@convo/app/src/ui/surface";
import { type ConvoClient, createClient } from "@convo/client";
import { ConvoProvider } from "@convo/react";
import { createRoot } from "react-dom/client";
import { tell } from "../events";
import type { Chat, ChatPlace } from "../place";
import { joinPage } from "./calls";
import { Credentials, RefusedError } from "./credentials";
import { Stranger } from "./Stranger";
import { Tools } from "./Tools";
import { dress } from "./wear";
import "./chat.css";

/** Opens the chat in its place. Rejects when the app cannot be reached, or refuses the page. */
export async function openChat(place: ChatPlace): Promise<Chat> {
  const { settings, shadow, page, session } = place;
  const { id, url } = settings;
  const fail = ({ code, message }: RefusedError): void => tell("convo:error", { id, code, text: message });
  const credentials = new Credentials(settings, place.local, fail);
  const [source] = await Promise.all([configOf(place), credentials.begin()]);
  adoptConfig(source);
  showOn(surfaceOf(place));
  page.lang = config.language;
  const { direction, css } = JSON.parse(source) as { direction: string; css: string };
  page.dir = direction;
  const undress = dress(shadow, css);
  await loadLanguage();
  place.name(config.name, strings.copilot);

  const client = createClient({
    url,
    client: "copilot",
    language: config.language,
    say: said,
    token: () => credentials.token,
    storage: session,
    environment: { isReturn: true, fetch: () => credentials.renew() },
    userEnv: readKeys(),
    ...(settings.profile !== undefined && { profile: settings.profile }),
  });
  const link = joinPage(client, settings, session);
  const ends = [watch(client, place, credentials), () => link.end(), () => credentials.end(), undress];
  let enter = (): void => {};
  const shut = (retry: () => void): (() => void) => {
    enter = retry;
    // Of a token that lets nobody in, and of a sign-in that has ended, the page knows already.
    const isTold = credentials.isVouched || client.connection.status === "refused";
    if (!isTold) fail(new RefusedError("unauthenticated", strings.errors.unknown));
    return () => {
      enter = () => {};
    };
  };
  const root = createRoot(place.chat);
  root.render(
    <ErrorBoundary>
      <SignInGate client={client} stranger={(retry) => <Stranger retry={retry} onShown={shut} />}>
        <KeysGate client={client}>
          <ConvoProvider client={client}>
            <App client={client} tools={<Tools place={place} />} />
          </ConvoProvider>
        </KeysGate>
      </SignInGate>
    </ErrorBoundary>,
  );
  return {
    send: (text) => client.send(text),
    tell: (data) => link.tell(data),
    newThread: () => {
      moveTo(addressOf(undefined));
      client.newChat();
    },
    setToken: (token) => {
      credentials.replace(token).then(() => {
        client.reconnect();
        enter();
      }, fail);
    },
    repaint,
    focus: () => shadow.getElementById("composer")?.focus({ preventScroll: true }),
    end: () => {
      root.unmount();
      client.stop();
      for (const end of ends) end();
      place.layer.replaceChildren();
      place.chat.replaceChildren();
    },
  };
}

/** Tells the page what becomes of the chat. */
function watch(client: ConvoClient, { settings: { id } }: ChatPlace, credentials: Credentials): () => void {
  const ends = [
    client.subscribe("hello", () => {
      credentials.remember(client.hello?.token);
      if (client.hello !== undefined) tell("convo:ready", { id, thread: client.hello.thread });
    }),
    client.subscribe("connection", () => {
      const { status, failure } = client.connection;
      if (status === "refused" && failure) tell("convo:error", { id, code: failure.code, text: said(failure) });
    }),
    client.onThread((thread) => tell("convo:thread", { id, thread })),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** What the server wrote into its own page, for this one. */
async function configOf({ settings: { url, language }, local }: ChatPlace): Promise<string> {
  const wanted = chosenLanguage(local) ?? language ?? document.documentElement.lang;
  const query = new URLSearchParams(wanted === "" ? {} : { language: wanted });
  const address = `${url}/copilot/config?${query}`;
  const response = await fetch(address, { credentials: "omit" }).catch((error: unknown) => {
    hint(url);
    throw error;
  });
  if (!response.ok) {
    const { text } = (await response.json().catch(() => ({}))) as { text?: string };
    throw new Error(text ?? `the server answered ${response.status}.`);
  }
  const source = (await response.json()) as Record<string, unknown>;
  return JSON.stringify({ ...source, root: url });
}

let hasHinted = false;

/** Says to who builds the page what a browser does not: the chat's module came, and what it asked for did not. */
function hint(url: string): void {
  if (hasHinted || new URL(url).origin === location.origin) return;
  hasHinted = true;
  const mend =
    location.origin === "null"
      ? "this page has none, as files and sandboxed frames have none; a server gives it one."
      : `name it in the app's convo.toml, and start the app again:\n\n[server]\nallowed_origins = ["${location.origin}"]`;
  console.warn(`convo: ${url} did not answer this page. Most likely the app does not allow its origin: ${mend}`);
}

function surfaceOf({ settings, shadow, page, layer, local, session, reload, renew }: ChatPlace): Surface {
  const begin = `${settings.url}/`;
  let path = session.getItem("path") ?? begin;
  return {
    isPage: false,
    root: shadow,
    frame: page,
    layer,
    ear: shadow as unknown as Surface["ear"],
    base: begin,
    local,
    session,
    rem: 16,
    get path() {
      return path;
    },
    moveTo: (next) => {
      path = next;
      session.setItem("path", next);
    },
    onMoved: () => () => {},
    reload: () => (isOutdated() ? renew() : reload()),
  };
}
