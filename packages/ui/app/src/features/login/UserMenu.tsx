import type { AuthInfo, ConvoClient } from "@convo/client";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Menu, type MenuItem } from "../../ui/Menu";
import { signOut } from "./account";
import type { Opened } from "./UserButton";

interface UserMenuProps {
  readonly client: ConvoClient;
  readonly account: AuthInfo;
  readonly anchor: HTMLElement;
  readonly onOpen: (what: Opened) => void;
  readonly onClose: () => void;
}

/** What somebody who is signed in can do about it. */
export function UserMenu({ client, account, anchor, onOpen, onClose }: UserMenuProps): JSX.Element {
  const { principal, logout, tokens } = account;
  const items: MenuItem[] = [];
  if (logout)
    items.push({ id: "devices", name: strings.signIn.devices.title, shape: "screen", run: () => onOpen("devices") });
  if (logout && tokens) {
    items.push({ id: "tokens", name: strings.signIn.tokens.title, shape: "key", run: () => onOpen("tokens") });
  }
  items.push({ id: "language", name: strings.language.title, shape: "globe", run: () => onOpen("language") });
  if (logout) {
    items.push({ id: "out", name: strings.signIn.out, shape: "leave", run: () => void signOut(client, false) });
  }
  const name = principal?.displayName ?? principal?.identifier;
  return (
    <Menu
      label={strings.signIn.account}
      head={
        <div className="user-head">
          <strong>{name}</strong>
          {principal?.identifier !== name && <span>{principal?.identifier}</span>}
        </div>
      }
      items={items}
      anchor={anchor}
      onClose={onClose}
    />
  );
}
