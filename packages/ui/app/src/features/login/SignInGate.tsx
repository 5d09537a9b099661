import type { ConvoClient } from "@convo/client";
import { type JSX, lazy, type ReactNode, Suspense, useSyncExternalStore } from "react";
import { config } from "../../config";

const SignIn = lazy(() => import("./SignIn").then((module) => ({ default: module.SignIn })));

/** Where people sign in, nothing else is shown to who has not, or not any more: also when that was in another tab. */
export function SignInGate({ client, children }: { client: ConvoClient; children: ReactNode }): JSX.Element {
  const isSignedOut = useSyncExternalStore(
    (tell) => client.subscribe("connection", tell),
    () => client.connection.status === "refused" && client.connection.failure?.code === "unauthenticated",
  );
  if (config.login === undefined || (config.user !== undefined && !isSignedOut)) return <>{children}</>;
  return (
    <Suspense>
      <SignIn client={client} login={config.login} wasSignedIn={config.user !== undefined} />
    </Suspense>
  );
}
