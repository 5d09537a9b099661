import type { ConvoClient, MessageExtras } from "@convo/client";
import { useClient, useField } from "@convo/react";
import { useEffect, useSyncExternalStore } from "react";
import { type CommandOffer, commandsOf, modesOf } from "./offer";

interface Choice {
  readonly command: string | undefined;
  readonly modes: Readonly<Record<string, string>>;
}

const NOTHING: Choice = { command: undefined, modes: {} };

/** What is chosen for the next message, of each client on the page. */
const choices = new WeakMap<ConvoClient, Choice>();
const listeners = new Set<() => void>();

/** Chooses for the next message; a command that is not offered counts for nothing. */
export function choose(client: ConvoClient, change: Partial<Choice>): void {
  choices.set(client, { ...(choices.get(client) ?? NOTHING), ...change });
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** What is chosen and still offered; a default for each mode. */
export function extrasOf(client: ConvoClient): MessageExtras {
  const chosen = choices.get(client) ?? NOTHING;
  const command = commandsOf(client.field("commands")).find((one) => one.id === chosen.command)?.id;
  const modes = Object.fromEntries(
    modesOf(client.field("modes")).map(({ id, options }) => {
      const option =
        options.find((one) => one.id === chosen.modes[id]) ?? options.find((one) => one.default) ?? options[0];
      return [id, option?.id ?? ""];
    }),
  );
  return { ...(command !== undefined && { command }), ...(Object.keys(modes).length > 0 && { modes }) };
}

export interface Chosen {
  readonly commands: readonly CommandOffer[];
  readonly extras: MessageExtras;
  chooseCommand(id: string | undefined): void;
  chooseMode(mode: string, option: string): void;
  /** A message has taken it: what does not persist is no longer chosen. */
  taken(): void;
}

/** What is chosen for the next message; follows what the app offers. */
export function useChosen(): Chosen {
  const client = useClient();
  const field = useField("commands");
  const modes = useField("modes");
  useSyncExternalStore(
    subscribe,
    () => choices.get(client),
    () => NOTHING,
  );
  const commands = commandsOf(field);
  return {
    commands,
    extras: field == null && modes == null ? NO_EXTRAS : extrasOf(client),
    chooseCommand: (command) => choose(client, { command }),
    chooseMode: (mode, option) => choose(client, { modes: { ...choices.get(client)?.modes, [mode]: option } }),
    taken: () => {
      const chosen = commands.find((one) => one.id === choices.get(client)?.command);
      if (chosen && !chosen.persistent) choose(client, { command: undefined });
    },
  };
}

const NO_EXTRAS: MessageExtras = {};

/** Chooses what the app has chosen beforehand, each time its offer changes. */
export function useSelected(): void {
  const client = useClient();
  const field = useField("commands");
  useEffect(() => {
    const selected = commandsOf(field).find((command) => command.selected);
    if (selected || field == null) choose(client, { command: selected?.id });
  }, [client, field]);
}
