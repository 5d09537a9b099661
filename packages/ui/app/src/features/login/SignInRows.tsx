import type { ConvoClient, SignInInfo, SignInList } from "@convo/client";
import { type JSX, type ReactNode, useCallback, useEffect, useState } from "react";

/** The sign-ins below a path of the API, read when this is first shown and after each change. */
export function useSignIns(client: ConvoClient, path: string) {
  const [list, setList] = useState<readonly SignInInfo[]>();
  const read = useCallback(async () => {
    try {
      setList((await client.api<SignInList>("GET", path)).signIns);
    } catch (error) {
      client.showFailure(error);
    }
  }, [client, path]);
  useEffect(() => void read(), [read]);
  const end = useCallback(
    async (id: string) => {
      try {
        await client.api("DELETE", `${path}/${encodeURIComponent(id)}`);
      } catch (error) {
        client.showFailure(error);
      }
      await read();
    },
    [client, path, read],
  );
  return { list, read, end };
}

interface SignInRowProps {
  readonly name: string;
  readonly more: ReactNode;
  readonly action?: { readonly name: string; readonly label: string; run(): void };
}

export function SignInRow({ name, more, action }: SignInRowProps): JSX.Element {
  return (
    <li className="sign-in-row">
      <span className="sign-in-row-text">
        <strong>{name}</strong>
        <span>{more}</span>
      </span>
      {action && (
        <button type="button" className="button" aria-label={action.name} onClick={action.run}>
          {action.label}
        </button>
      )}
    </li>
  );
}
