import type { JSX } from "react";
import { config } from "../../config";
import { chooseLanguage, languages } from "../../language/languages";
import { strings } from "../../strings";
import { Menu } from "../../ui/Menu";

interface LanguageMenuProps {
  readonly anchor: HTMLElement;
  readonly onClose: () => void;
}

/** The languages there are, each by its own name. */
export function LanguageMenu({ anchor, onClose }: LanguageMenuProps): JSX.Element {
  return (
    <Menu
      label={strings.language.title}
      items={languages().map(({ tag, name }) => ({
        id: tag,
        name,
        lang: tag,
        shape: tag === config.language ? "check" : "none",
        run: () => chooseLanguage(tag),
      }))}
      anchor={anchor}
      onClose={onClose}
    />
  );
}
