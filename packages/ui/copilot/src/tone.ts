import type { Theme } from "./contract";

const DARK = matchMedia("(prefers-color-scheme: dark)");

/** Calls `paint` with light or dark, now and whenever it changes. Returns how to end that. */
export function follow(theme: Theme, paint: (tone: "light" | "dark") => void): () => void {
  if (theme === "light" || theme === "dark") {
    paint(theme);
    return () => {};
  }
  const repaint = (): void => paint((theme === "host" ? isDarkPage() : DARK.matches) ? "dark" : "light");
  const observer = new MutationObserver(repaint);
  if (theme === "host") {
    const seen = { attributeFilter: ["class", "style", "data-theme", "data-color-scheme", "data-bs-theme"] };
    observer.observe(document.documentElement, seen);
    if (document.body) observer.observe(document.body, seen);
  }
  DARK.addEventListener("change", repaint);
  repaint();
  return () => {
    observer.disconnect();
    DARK.removeEventListener("change", repaint);
  };
}

/** Whether the page around the widget is dark: by its background, or where it has none by its colour scheme. */
function isDarkPage(): boolean {
  for (const element of [document.body, document.documentElement]) {
    const light = element && lightness(getComputedStyle(element).backgroundColor);
    if (typeof light === "number") return light < 0.45;
  }
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  return scheme.includes("dark") && (!scheme.includes("light") || DARK.matches);
}

/** From 0 to 1; nothing of a colour that is seen through. */
function lightness(colour: string): number | undefined {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (pen === null) return undefined;
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = pen.getImageData(0, 0, 1, 1).data;
  return alpha < 128 ? undefined : (0.3 * red + 0.59 * green + 0.11 * blue) / 255;
}
