import type { ConvoClient } from "@convo/client";
import { type JSX, lazy, type ReactNode, Suspense, useState } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { missingKeys, readKeys } from "./keys";
import "./keys.css";

const KeysForm = lazy(() => import("./KeysForm").then((module) => ({ default: module.KeysForm })));

/** Nothing begins before the user has given the keys that the app needs. */
export function KeysGate({ client, children }: { client: ConvoClient; children: ReactNode }): JSX.Element {
  const [isOpen, setIsOpen] = useState(() => missingKeys(readKeys()).length === 0);
  if (isOpen) return <>{children}</>;
  return (
    <main className="gate">
      <h1>{config.name}</h1>
      <p>{strings.keys.intro}</p>
      <Suspense>
        <KeysForm
          onSaved={(keys) => {
            client.setUserEnv(keys);
            setIsOpen(true);
          }}
        />
      </Suspense>
    </main>
  );
}
