import { type JSX, useEffect, useRef, useState } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { type Keys, missingKeys, readKeys, saveKeys } from "./keys";
import "../settings/settings.css";
import "./keys.css";

/** Asks a user for his keys, and keeps them as long as the app says. */
export function KeysForm({ onSaved }: { onSaved: (keys: Keys) => void }): JSX.Element {
  const [keys, setKeys] = useState(readKeys);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLInputElement>(":invalid")?.focus(), []);
  return (
    <form
      ref={form}
      className="settings"
      onSubmit={(event) => {
        event.preventDefault();
        if (missingKeys(keys).length > 0) return;
        saveKeys(keys);
        onSaved(keys);
      }}
    >
      {config.env.map((name) => (
        <div key={name} className="field">
          <label htmlFor={`key-${name}`}>{name}</label>
          <input
            id={`key-${name}`}
            className="input"
            type="password"
            autoComplete="off"
            spellCheck={false}
            required
            value={keys[name] ?? ""}
            onChange={(event) => setKeys({ ...keys, [name]: event.target.value.trim() })}
          />
        </div>
      ))}
      <p className="field-more">{config.keepEnv === "browser" ? strings.keys.keptInBrowser : strings.keys.keptInTab}</p>
      <div className="keys-foot">
        <button type="submit" className="button main">
          {strings.keys.save}
        </button>
      </div>
    </form>
  );
}
