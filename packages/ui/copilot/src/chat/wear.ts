/** Styles that came with modules, in their order; those of later modules come later. */
const worn: CSSStyleSheet[] = [];
const faces: FontFace[] = [];
let root: ShadowRoot | undefined;

/** Takes a module's styles for the widget. */
export function wear(css: string): void {
  const sheet = new CSSStyleSheet();
  // Browsers read fonts in a page's own styles alone.
  sheet.replaceSync(css.replace(/@font-face\s*\{([^}]*)\}/g, (_, body: string) => font(body)));
  worn.push(sheet);
  root?.adoptedStyleSheets.push(sheet);
}

/**
 * From now on the styles are those of `shadow`, with the theme of the app, which is made for a page of its own. Returns
 * how to end that.
 */
export function dress(shadow: ShadowRoot, theme: string): () => void {
  if (theme !== "") wear(asWorn(theme));
  root = shadow;
  shadow.adoptedStyleSheets.push(...worn);
  for (const face of faces) document.fonts.add(face);
  return () => {
    root = undefined;
    shadow.adoptedStyleSheets = shadow.adoptedStyleSheets.filter((sheet) => !worn.includes(sheet));
    for (const face of faces) document.fonts.delete(face);
  };
}

function font(body: string): string {
  const read = (name: string): string | undefined =>
    new RegExp(`${name}:\\s*("?)([^;]+?)\\1\\s*(?:;|$)`).exec(body)?.[2]?.trim();
  const family = read("font-family");
  const source = read("src");
  if (family === undefined || source === undefined) return "";
  const face = new FontFace(family, source, {
    weight: read("font-weight") ?? "normal",
    style: read("font-style") ?? "normal",
  });
  faces.push(face);
  if (root !== undefined) document.fonts.add(face);
  return "";
}

/** As the build does with our own styles. */
function asWorn(theme: string): string {
  return theme
    .replace(/:root\b/g, ".widget-root")
    .replace(/(\d*\.?\d+)rem\b/g, (_, number: string) => `${Number(number) * 16}px`);
}
