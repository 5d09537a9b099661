import type { JSX } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { Dialog } from "../../ui/Dialog";
import { Keys } from "./Keys";
import { SHORTCUTS } from "./keys";
import "./shell.css";

const words = strings.shortcuts;

const GROUPS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    words.anywhere,
    [
      [words.palette, SHORTCUTS.palette],
      [words.newChat, SHORTCUTS.newChat],
      ...(config.history ? ([[words.history, SHORTCUTS.history]] as const) : []),
      [words.compose, SHORTCUTS.compose],
      [words.help, SHORTCUTS.shortcuts],
    ],
  ],
  [
    words.writing,
    [
      [words.send, "Enter"],
      [words.line, "shift+Enter"],
      [words.recall, "↑"],
      [words.commands, "/"],
    ],
  ],
  [
    words.reading,
    [
      [words.versions, "←+→"],
      [words.cancel, "Esc"],
    ],
  ],
];

/** Which keys do what. */
export function Shortcuts({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title={words.title} onClose={onClose}>
      {GROUPS.map(([title, rows]) => (
        <section key={title} className="shortcuts">
          <h3>{title}</h3>
          <dl>
            {rows.map(([name, keys]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <Keys of={keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
