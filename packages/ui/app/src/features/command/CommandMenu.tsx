import { type JSX, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { strings } from "../../strings";
import { Icon } from "../../ui/Icon";
import { useChosen } from "./choice";
import { matching } from "./offer";
import "./command.css";

interface MenuOptions {
  readonly text: string;
  readonly write: (text: string) => void;
}

export interface CommandMenu {
  /** What stands above the field while a command is being named. */
  readonly menu: JSX.Element | null;
  /** What tells the field's reader about the menu. */
  readonly aria: {
    readonly "aria-autocomplete"?: "list";
    readonly "aria-controls"?: string;
    readonly "aria-activedescendant"?: string;
  };
  /** Whether the key was for the menu. */
  onKeyDown(event: KeyboardEvent): boolean;
}

/** The menu of commands that `/` opens above the field. */
export function useCommandMenu({ text, write }: MenuOptions): CommandMenu {
  const { commands, extras, chooseCommand } = useChosen();
  const [at, setAt] = useState(0);
  const [dismissed, setDismissed] = useState<string>();
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const found = text === dismissed ? [] : matching(commands, text);
  const isOpen = found.length > 0;
  const current = found[Math.min(at, found.length - 1)];

  // biome-ignore lint/correctness/useExhaustiveDependencies: another text has another first match
  useEffect(() => setAt(0), [text]);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const choose = (command: string, rest = "") => {
    chooseCommand(command);
    write(rest);
  };

  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (event.key === "Backspace" && text === "" && extras.command !== undefined) {
      chooseCommand(undefined);
      return true;
    }
    const named = event.key === " " && commands.find((command) => `/${command.id}` === text);
    if (named) {
      event.preventDefault();
      choose(named.id);
      return true;
    }
    if (!isOpen || !current || event.altKey || event.ctrlKey || event.metaKey) return false;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setAt((Math.min(at, found.length - 1) + step + found.length) % found.length);
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") choose(current.id);
    else if (event.key === "Escape") setDismissed(text);
    else return false;
    event.preventDefault();
    return true;
  };

  const menu = isOpen ? (
    <div ref={list} id={id} className="command-menu" role="listbox" aria-label={strings.commands.title}>
      {found.map((command, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and takes the keys
        <div
          key={command.id}
          id={`${id}-${index}`}
          className={command === current ? "choice is-at" : "choice"}
          role="option"
          tabIndex={-1}
          aria-selected={command === current}
          onPointerMove={() => setAt(index)}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(command.id)}
        >
          <Icon name={command.icon} />
          <span className="choice-words">
            <span className="choice-name">{command.id}</span>
            {command.description && <span className="choice-more">{command.description}</span>}
          </span>
        </div>
      ))}
    </div>
  ) : null;
  const aria = isOpen
    ? {
        "aria-autocomplete": "list" as const,
        "aria-controls": id,
        "aria-activedescendant": `${id}-${found.indexOf(current ?? (found[0] as never))}`,
      }
    : {};
  return { menu, aria, onKeyDown };
}
