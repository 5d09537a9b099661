import type { ConvoClient } from "@convo/client";
import { createContext, type JSX, type ReactNode, useContext, useEffect } from "react";

const ClientContext = createContext<ConvoClient | undefined>(undefined);

/** Gives the client to the hooks below, and keeps it connected while it stands. */
export function ConvoProvider({ client, children }: { client: ConvoClient; children: ReactNode }): JSX.Element {
  useEffect(() => {
    client.start();
    return () => client.stop();
  }, [client]);
  return <ClientContext value={client}>{children}</ClientContext>;
}

/** The client of the nearest `ConvoProvider`. */
export function useClient(): ConvoClient {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error("Hooks of @convo/react work only below a `ConvoProvider`.");
  return client;
}
