import { useClient } from "@convo/react";
import { type JSX, Suspense, useCallback, useRef, useState } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { later } from "../../ui/later";
import { surface } from "../../ui/surface";
import { useAccount } from "./account";
import { nextOf } from "./address";
import "./user.css";

const UserMenu = later(() => import("./UserMenu").then((module) => module.UserMenu));
const Devices = later(() => import("./Devices").then((module) => module.Devices));
const Tokens = later(() => import("./Tokens").then((module) => module.Tokens));
const LanguageMenu = later(() => import("../language/LanguageMenu").then((module) => module.LanguageMenu));

export type Opened = "devices" | "tokens" | "language";

/** Says who is signed in, and opens what he can do about it; or the way in, for who may chat without. */
export function UserButton(): JSX.Element | null {
  const client = useClient();
  const account = useAccount();
  const [anchor, setAnchor] = useState<HTMLElement>();
  const button = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState<Opened>();
  const closeMenu = useCallback(() => setAnchor(undefined), []);
  const close = useCallback(() => setOpened(undefined), []);
  if (account === undefined) return null;
  const { principal } = account;
  if (principal?.anonymous !== false) {
    if (!surface.isPage) return null; // the page around it says who its readers are
    const next = new URLSearchParams({ next: nextOf(location) });
    return (
      <a
        className="button"
        href={`${config.root}/login?${next}`}
        onClick={(event) => {
          event.currentTarget.search = `?${new URLSearchParams({ next: nextOf(location) })}`; // the chat may have moved
        }}
      >
        {strings.account.in}
      </a>
    );
  }
  const name = principal.displayName ?? principal.identifier ?? "";
  return (
    <>
      <button
        ref={button}
        type="button"
        className="user-button"
        aria-label={strings.account.of({ name })}
        aria-haspopup="menu"
        aria-expanded={anchor !== undefined}
        title={name}
        data-initials={initialsOf(name)}
        onClick={(event) => setAnchor(event.currentTarget)}
      />
      <Suspense>
        {anchor && (
          <UserMenu client={client} account={account} anchor={anchor} onOpen={setOpened} onClose={closeMenu} />
        )}
        {opened === "devices" && <Devices client={client} onClose={close} />}
        {opened === "language" && button.current && <LanguageMenu anchor={button.current} onClose={close} />}
        {opened === "tokens" && <Tokens client={client} onClose={close} />}
      </Suspense>
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
