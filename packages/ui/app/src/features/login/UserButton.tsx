import { useClient } from "@convo/react";
import { type JSX, lazy, Suspense, useCallback, useState } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import "./user.css";

const UserMenu = lazy(() => import("./UserMenu").then((module) => ({ default: module.UserMenu })));

/** Says who is signed in, and opens what he can do about it. */
export function UserButton(): JSX.Element | null {
  const client = useClient();
  const [anchor, setAnchor] = useState<HTMLElement>();
  const close = useCallback(() => setAnchor(undefined), []);
  const { user } = config;
  if (user === undefined) return null;
  return (
    <>
      <button
        type="button"
        className="user-button"
        aria-label={strings.account.of(user.name)}
        aria-haspopup="menu"
        aria-expanded={anchor !== undefined}
        title={user.name}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        {initialsOf(user.name)}
      </button>
      {anchor && (
        <Suspense>
          <UserMenu client={client} user={user} anchor={anchor} onClose={close} />
        </Suspense>
      )}
    </>
  );
}

/** At most two letters: of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name
    .replace(/@.*/, "")
    .split(/[\s._-]+/u)
    .filter(Boolean);
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return ends.map((word) => [...(word ?? "")][0]?.toLocaleUpperCase() ?? "").join("") || "?";
}
