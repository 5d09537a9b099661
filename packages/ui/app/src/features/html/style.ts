import type { CSSProperties } from "react";

const PROPERTIES =
  /^(?:color|background-color|text-(?:align|decoration|indent|transform)|font-(?:style|weight|size|variant)|line-height|letter-spacing|white-space|vertical-align|list-style-type|(?:max-)?width|(?:max-)?height|opacity|(?:margin|padding|border)(?:-[a-z]+){0,2}|border-radius)$/;
const VALUE = /^(?:(?:rgb|hsl)a?\([\d\s.,%/]{1,60}\)|[\w\s.,%#-]){1,100}$/i;

/** What a `style` says of an element's own looks: nothing that lays it over others, and nothing that loads. */
export function styleOf(text: string | null): CSSProperties | undefined {
  const style: Record<string, string> = {};
  for (const declaration of (text ?? "").split(";").slice(0, 50)) {
    const colon = declaration.indexOf(":");
    const name = declaration.slice(0, colon).trim().toLowerCase();
    const value = declaration.slice(colon + 1).trim();
    if (colon < 0 || !PROPERTIES.test(name) || !VALUE.test(value) || /-[\d.]/.test(value)) continue;
    style[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())] = value;
  }
  return Object.keys(style).length > 0 ? style : undefined;
}
