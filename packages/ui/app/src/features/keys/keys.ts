import { type Storage, storageOf } from "@convo/client";
import { config } from "../../config";
import { surface } from "../../ui/surface";

/** What a user gives the app to work with, such as keys of APIs. It stays in his browser. */
export type Keys = Readonly<Record<string, string>>;

const place = () => `convo:env:${config.root}`;

/** Only as long as the app says. */
function storage(): Storage {
  return storageOf(() => (config.keepEnv === "browser" ? surface.local : surface.session));
}

export function readKeys(): Keys {
  try {
    const kept: unknown = JSON.parse(storage().getItem(place()) ?? "{}");
    const all = typeof kept === "object" && kept !== null ? Object.entries(kept) : [];
    return Object.fromEntries(all.filter(([name, value]) => config.env.includes(name) && typeof value === "string"));
  } catch {
    return {};
  }
}

export function saveKeys(keys: Keys): void {
  storage().setItem(place(), JSON.stringify(keys));
}

export function missingKeys(keys: Keys): readonly string[] {
  return config.env.filter((name) => !keys[name]);
}
