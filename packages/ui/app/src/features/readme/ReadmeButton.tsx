import { useAppInfo } from "@convo/react";
import { type JSX, useCallback, useState } from "react";
import { strings } from "../../strings";
import { Dialog } from "../../ui/Dialog";
import { Glyph } from "../../ui/Glyph";
import { Prose } from "../markdown/Prose";
import { useIntent } from "../shell/intent";

/** Opens what the author wrote about the app, if there is something. */
export function ReadmeButton(): JSX.Element | null {
  const readme = useAppInfo()?.readme;
  const [isOpen, setIsOpen] = useState(false);
  useIntent(
    "readme",
    useCallback(() => setIsOpen(true), []),
  );
  if (!readme) return null;
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={strings.readme.title}
        aria-haspopup="dialog"
        title={strings.readme.title}
        onClick={() => setIsOpen(true)}
      >
        <Glyph shape="book" />
        <span>{strings.readme.title}</span>
      </button>
      {isOpen && (
        <Dialog title={strings.readme.title} onClose={() => setIsOpen(false)}>
          <Prose text={readme} />
        </Dialog>
      )}
    </>
  );
}
