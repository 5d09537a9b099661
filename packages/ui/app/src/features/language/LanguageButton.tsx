import { type JSX, Suspense, useCallback, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { later } from "../../ui/later";

const LanguageMenu = later(() => import("./LanguageMenu").then((module) => module.LanguageMenu));

/** Opens the languages there are, for who has no menu of his own. */
export function LanguageButton(): JSX.Element {
  const [anchor, setAnchor] = useState<HTMLElement>();
  const close = useCallback(() => setAnchor(undefined), []);
  return (
    <>
      <button
        type="button"
        className="icon-button is-language"
        aria-label={strings.language.title}
        aria-haspopup="menu"
        aria-expanded={anchor !== undefined}
        title={strings.language.title}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <Glyph shape="globe" />
      </button>
      <Suspense>{anchor && <LanguageMenu anchor={anchor} onClose={close} />}</Suspense>
    </>
  );
}
