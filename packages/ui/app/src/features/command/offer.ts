/** What goes with a message, as the app offers it at the moment. */
export interface CommandOffer {
  readonly id: string;
  readonly description?: string;
  readonly icon?: string;
  readonly button?: boolean;
  readonly persistent?: boolean;
  readonly selected?: boolean;
}

export interface ModeOffer {
  readonly id: string;
  readonly name: string;
  readonly options: readonly {
    readonly id: string;
    readonly name: string;
    readonly description?: string | null;
    readonly icon?: string | null;
    readonly default?: boolean;
  }[];
}

export function commandsOf(field: unknown): readonly CommandOffer[] {
  return listOf<CommandOffer>(field);
}

export function modesOf(field: unknown): readonly ModeOffer[] {
  return listOf<ModeOffer>(field).filter((mode) => Array.isArray(mode.options) && mode.options.length > 0);
}

function listOf<T extends { readonly id: string }>(field: unknown): readonly T[] {
  return Array.isArray(field) ? field.filter((item): item is T => typeof item?.id === "string") : [];
}

/** The commands that `text` may be the beginning of: it starts with `/` and has no blank yet. */
export function matching(commands: readonly CommandOffer[], text: string): readonly CommandOffer[] {
  if (!/^\/\S*$/.test(text)) return [];
  const wanted = text.slice(1).toLowerCase();
  const rank = ({ id, description = "" }: CommandOffer) => {
    const name = id.toLowerCase();
    if (name.startsWith(wanted)) return 0;
    if (name.includes(wanted)) return 1;
    return description.toLowerCase().includes(wanted) ? 2 : 3;
  };
  return commands
    .map((command) => ({ command, at: rank(command) }))
    .filter(({ at }) => at < 3)
    .sort((one, other) => one.at - other.at)
    .map(({ command }) => command);
}
