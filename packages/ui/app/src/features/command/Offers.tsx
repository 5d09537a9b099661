import { useField } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { Icon } from "../../ui/Icon";
import { Picker } from "../../ui/Picker";
import { useChosen, useSelected } from "./choice";
import { modesOf } from "./offer";
import "./command.css";

/** What goes with the next message: the commands that have buttons, the one that is chosen, and the modes. */
export function Offers({ onSlash }: { onSlash: () => void }): JSX.Element | null {
  useSelected();
  const { commands, extras, chooseCommand, chooseMode } = useChosen();
  const modes = modesOf(useField("modes"));
  const chosen = commands.find((command) => command.id === extras.command);
  return (
    <>
      {commands.length > 0 && (
        <button
          type="button"
          className="icon-button"
          aria-label={strings.commands.title}
          title={strings.commands.title}
          onClick={onSlash}
        >
          <Glyph shape="slash" />
        </button>
      )}
      {commands
        .filter((command) => command.button)
        .map((command) => (
          <button
            key={command.id}
            type="button"
            className="chip"
            aria-pressed={command === chosen}
            title={command.description}
            onClick={() => chooseCommand(command === chosen ? undefined : command.id)}
          >
            <Icon name={command.icon} small />
            <span>{command.id}</span>
          </button>
        ))}
      {chosen && !chosen.button && (
        <button
          type="button"
          className="chip is-chosen"
          aria-label={strings.commands.remove({ name: chosen.id })}
          title={strings.commands.remove({ name: chosen.id })}
          onClick={() => chooseCommand(undefined)}
        >
          <Icon name={chosen.icon} small />
          <span>{chosen.id}</span>
          <Glyph shape="cross" small />
        </button>
      )}
      {modes.map((mode) => (
        <Picker
          key={mode.id}
          label={mode.name}
          options={mode.options.map((option) => ({
            id: option.id,
            name: option.name,
            icon: option.icon,
            description: option.description,
          }))}
          value={extras.modes?.[mode.id]}
          onPick={(option) => chooseMode(mode.id, option)}
        />
      ))}
    </>
  );
}
