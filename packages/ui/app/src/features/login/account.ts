import type { AuthInfo, ConvoClient } from "@convo/client";
import { createContext, use } from "react";
import { surface } from "../../ui/surface";

export const AccountContext = createContext<AuthInfo | undefined>(undefined);

/** How to get in and who is in, where people can sign in. */
export function useAccount(): AuthInfo | undefined {
  return use(AccountContext);
}

/** Signs out, here or everywhere, and leaves nothing on the page. */
export async function signOut(client: ConvoClient, isEverywhere: boolean): Promise<void> {
  try {
    await client.api("POST", isEverywhere ? "auth/logout-everywhere" : "auth/logout");
    surface.reload();
  } catch (error) {
    client.showFailure(error);
  }
}
