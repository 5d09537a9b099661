import { type AuthInfo, type ConvoClient, RequestError } from "@convo/client";
import { type ReactNode, Suspense, useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { config } from "../../config";
import { said } from "../../said";
import { strings } from "../../strings";
import { later } from "../../ui/later";
import { surface } from "../../ui/surface";
import { Outdated } from "../connection/Outdated";
import { Banner } from "../notice/Banner";
import { AccountContext } from "./account";
import { comeBackTo, isLoginPath } from "./address";

const SignIn = later(() => import("./SignIn").then((module) => module.SignIn));
const Unreached = later(() => import("./Unreached").then((module) => module.Unreached));

interface SignInGateProps {
  readonly client: ConvoClient;
  /** What a page of others shows instead of the forms; `retry` asks again who is in. */
  readonly stranger?: (retry: () => void) => ReactNode;
  readonly children: ReactNode;
}

/** Where people sign in, who has not is shown how to; and who was signed out, also in another tab, nothing else. */
export function SignInGate(props: SignInGateProps): ReactNode {
  return config.login ? <Gate {...props} /> : props.children;
}

function Gate({ client, stranger, children }: SignInGateProps): ReactNode {
  const [account, setAccount] = useState<AuthInfo>();
  const [problem, setProblem] = useState<string>();
  const isSignedOut = useSyncExternalStore(
    useCallback((tell) => client.subscribe("connection", tell), [client]),
    () => client.connection.status === "refused" && client.connection.failure?.code === "unauthenticated",
  );
  const ask = useCallback(() => {
    setProblem(undefined);
    client.api<AuthInfo>("GET", "auth").then(setAccount, (error: unknown) => {
      setProblem(error instanceof RequestError ? said(error.failure) : String(error));
    });
  }, [client]);
  useEffect(ask, [ask]);

  const isUser = account?.principal?.anonymous === false;
  const isOnItsWay = isUser && !isSignedOut && isLoginPath(surface.path);
  useEffect(() => {
    if (isOnItsWay) location.replace(comeBackTo(location));
  }, [isOnItsWay]);

  if (problem !== undefined) {
    return (
      <Suspense
        fallback={
          <Banner tone="warn" shape="offline" text={problem} action={{ label: strings.signIn.retry, run: ask }} />
        }
      >
        <Unreached text={problem} onRetry={ask} />
      </Suspense>
    );
  }
  const Main = surface.isPage ? "main" : "div"; // a page has one
  if (account === undefined || isOnItsWay) return <Main className="sign-in" aria-busy="true" />;
  if (isSignedOut || (!isUser && (account.required || isLoginPath(surface.path)))) {
    if (stranger !== undefined) return stranger(ask);
    return (
      <Suspense fallback={<Outdated />}>
        <SignIn client={client} account={account} wasSignedIn={isSignedOut} />
      </Suspense>
    );
  }
  return <AccountContext value={account}>{children}</AccountContext>;
}
