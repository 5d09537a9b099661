import type { ConvoClient } from "@convo/client";
import { type JSX, type ReactNode, Suspense, useState } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { later } from "../../ui/later";
import { surface } from "../../ui/surface";
import { Outdated } from "../connection/Outdated";
import { missingKeys, readKeys } from "./keys";
import "./keys.css";

const KeysForm = later(() => import("./KeysForm").then((module) => module.KeysForm));

/** Nothing begins before the user has given the keys that the app needs. */
export function KeysGate({ client, children }: { client: ConvoClient; children: ReactNode }): JSX.Element {
  const [isOpen, setIsOpen] = useState(() => missingKeys(readKeys()).length === 0);
  if (isOpen) return <>{children}</>;
  const Main = surface.isPage ? "main" : "div"; // a page has one
  return (
    <Main className="gate">
      <h1>{config.name}</h1>
      <p>{strings.keys.intro}</p>
      <Suspense fallback={<Outdated />}>
        <KeysForm
          onSaved={(keys) => {
            client.setUserEnv(keys);
            setIsOpen(true);
          }}
        />
      </Suspense>
    </Main>
  );
}
