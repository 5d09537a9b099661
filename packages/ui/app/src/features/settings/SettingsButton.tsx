import { useField } from "@convo/react";
import { type JSX, Suspense, useCallback, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { later } from "../../ui/later";
import { useIntent } from "../shell/intent";

const SettingsDialog = later(() => import("./SettingsDialog").then((module) => module.SettingsDialog));

/** Opens the chat's settings, where the app has some. */
export function SettingsButton(): JSX.Element | null {
  const hasSettings = useField("settings") != null;
  const [isOpen, setIsOpen] = useState(false);
  useIntent(
    "settings",
    useCallback(() => setIsOpen(true), []),
  );
  if (!hasSettings) return null;
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={strings.settings.title}
        aria-haspopup="dialog"
        title={strings.settings.title}
        onClick={() => setIsOpen(true)}
      >
        <Glyph shape="sliders" />
      </button>
      {isOpen && (
        <Suspense>
          <SettingsDialog onClose={() => setIsOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
