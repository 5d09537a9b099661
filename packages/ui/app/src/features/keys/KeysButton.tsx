import { useClient } from "@convo/react";
import { type JSX, Suspense, useCallback, useState } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { Dialog } from "../../ui/Dialog";
import { Glyph } from "../../ui/Glyph";
import { later } from "../../ui/later";
import { useIntent } from "../shell/intent";

const KeysForm = later(() => import("./KeysForm").then((module) => module.KeysForm));

/** Opens the user's keys, where the app asks for some. */
export function KeysButton(): JSX.Element | null {
  const client = useClient();
  const [isOpen, setIsOpen] = useState(false);
  useIntent(
    "keys",
    useCallback(() => setIsOpen(true), []),
  );
  if (config.env.length === 0) return null;
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={strings.keys.title}
        aria-haspopup="dialog"
        title={strings.keys.title}
        onClick={() => setIsOpen(true)}
      >
        <Glyph shape="key" />
        <span>{strings.keys.title}</span>
      </button>
      {isOpen && (
        <Dialog title={strings.keys.title} onClose={() => setIsOpen(false)}>
          <Suspense>
            <KeysForm
              onSaved={(keys) => {
                client.setUserEnv(keys);
                setIsOpen(false);
              }}
            />
          </Suspense>
        </Dialog>
      )}
    </>
  );
}
