import type { ConvoClient } from "@convo/client";
import type { JSX } from "react";
import type { UserInfo } from "../../config";
import { strings } from "../../strings.login";
import { Menu } from "../../ui/Menu";

interface UserMenuProps {
  readonly client: ConvoClient;
  readonly user: UserInfo;
  readonly anchor: HTMLElement;
  readonly onClose: () => void;
}

export function UserMenu({ client, user, anchor, onClose }: UserMenuProps): JSX.Element {
  const leave = async (path: string) => {
    try {
      await client.api("POST", path);
      location.reload(); // without what was shown to who is gone
    } catch (error) {
      client.showFailure(error);
    }
  };
  return (
    <Menu
      label={strings.account}
      head={
        <div className="user-head">
          <strong>{user.name}</strong>
          {user.identifier !== user.name && <span>{user.identifier}</span>}
        </div>
      }
      items={[
        { id: "out", name: strings.out, shape: "leave", run: () => void leave("auth/logout") },
        {
          id: "everywhere",
          name: strings.everywhere,
          shape: "screen",
          run: () => void leave("auth/logout-everywhere"),
        },
      ]}
      anchor={anchor}
      onClose={onClose}
    />
  );
}
