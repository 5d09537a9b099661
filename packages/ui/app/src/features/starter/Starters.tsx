import { useAppInfo, useClient } from "@convo/react";
import { type JSX, type MouseEvent, useState } from "react";
import { strings } from "../../strings";
import { Icon } from "../../ui/Icon";
import { choose, extrasOf, useChosen } from "../command/choice";
import { fillComposer } from "../composer/fill";
import "./starter.css";

type Info = NonNullable<ReturnType<typeof useAppInfo>>;
type Starter = NonNullable<Info["starters"]>[number];

/** First messages to choose from: a click sends one, a click with Alt lets it be changed first. */
export function Starters(): JSX.Element | null {
  const info = useAppInfo();
  const client = useClient();
  const { taken } = useChosen();
  const [shown, setShown] = useState<string>();
  const categories = info?.categories ?? [];
  const category = categories.find((one) => one.label === shown);
  const starters = category?.starters ?? info?.starters ?? [];
  if (starters.length === 0 && categories.length === 0) return null;

  const pick = (event: MouseEvent, starter: Starter) => {
    if (event.altKey) {
      choose(client, { command: starter.command ?? undefined });
      fillComposer(starter.message);
      return;
    }
    client.send(starter.message, { ...extrasOf(client), ...(starter.command && { command: starter.command }) });
    taken();
  };

  return (
    <div className="starters">
      {categories.length > 0 && (
        <fieldset className="starter-categories">
          <legend className="unseen">{strings.starters.categories}</legend>
          {categories.map((one) => (
            <button
              key={one.label}
              type="button"
              className="chip"
              aria-pressed={one === category}
              onClick={() => setShown(one === category ? undefined : one.label)}
            >
              <Icon name={one.icon} small />
              <span>{one.label}</span>
            </button>
          ))}
        </fieldset>
      )}
      {starters.length > 0 && (
        <ul aria-label={strings.starters.title}>
          {starters.map((starter) => (
            <li key={starter.label}>
              <button
                type="button"
                className="starter"
                title={strings.starters.hint}
                onClick={(event) => pick(event, starter)}
              >
                <Icon name={starter.icon} />
                <span className="starter-label">{starter.label}</span>
                {starter.message !== starter.label && <span className="starter-message">{starter.message}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
