import { type AuthInfo, type ConvoClient, RequestError } from "@convo/client";
import {
  type JSX,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import { config } from "../../config";
import { AccountContext } from "./account";
import { comeBackTo, isLoginPath } from "./address";

const SignIn = lazy(() => import("./SignIn").then((module) => ({ default: module.SignIn })));
const Unreached = lazy(() => import("./Unreached").then((module) => ({ default: module.Unreached })));

interface SignInGateProps {
  readonly client: ConvoClient;
  readonly children: ReactNode;
}

/** Where people sign in, who has not is shown how to; and who was signed out, also in another tab, nothing else. */
export function SignInGate({ client, children }: SignInGateProps): ReactNode {
  return config.login ? <Gate client={client}>{children}</Gate> : children;
}

function Gate({ client, children }: SignInGateProps): JSX.Element {
  const [account, setAccount] = useState<AuthInfo>();
  const [problem, setProblem] = useState<string>();
  const isSignedOut = useSyncExternalStore(
    useCallback((tell) => client.subscribe("connection", tell), [client]),
    () => client.connection.status === "refused" && client.connection.failure?.code === "unauthenticated",
  );
  const ask = useCallback(() => {
    setProblem(undefined);
    client.api<AuthInfo>("GET", "auth").then(setAccount, (error: unknown) => {
      setProblem(error instanceof RequestError ? error.failure.text : String(error));
    });
  }, [client]);
  useEffect(ask, [ask]);

  const isUser = account?.principal?.anonymous === false;
  const isOnItsWay = isUser && !isSignedOut && isLoginPath(location.pathname);
  useEffect(() => {
    if (isOnItsWay) location.replace(comeBackTo(location));
  }, [isOnItsWay]);

  if (problem !== undefined) {
    return (
      <Suspense>
        <Unreached text={problem} onRetry={ask} />
      </Suspense>
    );
  }
  if (account === undefined || isOnItsWay) return <main className="sign-in" aria-busy="true" />;
  if (isSignedOut || (!isUser && (account.required || isLoginPath(location.pathname)))) {
    return (
      <Suspense>
        <SignIn client={client} account={account} wasSignedIn={isSignedOut} />
      </Suspense>
    );
  }
  return <AccountContext value={account}>{children}</AccountContext>;
}
