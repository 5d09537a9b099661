import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph, type Shape } from "../../ui/Glyph";
import { nextTheme, setTheme, type Theme, useTheme } from "./theme";

const shapes: Record<Theme, Shape> = { light: "sun", dark: "moon", system: "screen" };

export function ThemeButton(): JSX.Element {
  const theme = useTheme();
  const next = nextTheme(theme);
  const label = strings.theme.button({ now: strings.theme.name[theme], next: strings.theme.name[next] });
  return (
    <button
      type="button"
      className="icon-button is-theme"
      aria-label={label}
      title={label}
      onClick={() => setTheme(next)}
    >
      <Glyph shape={shapes[theme]} />
    </button>
  );
}
