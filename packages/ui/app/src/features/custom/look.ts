import { surface } from "../../ui/surface";
import type { Look } from "./messages";

/** The names that components for shadcn/ui know, as triples for `hsl(var(--primary))`, by the token that has the colour. */
const TRIPLES: Readonly<Record<string, string>> = {
  "--background": "--bg",
  "--foreground": "--ink",
  "--card": "--bg",
  "--card-foreground": "--ink",
  "--popover": "--bg",
  "--popover-foreground": "--ink",
  "--primary": "--accent",
  "--primary-foreground": "--accent-ink",
  "--secondary": "--bg-3",
  "--secondary-foreground": "--ink",
  "--muted": "--bg-3",
  "--muted-foreground": "--ink-2",
  "--accent-foreground": "--ink",
  "--destructive": "--bad",
  "--destructive-foreground": "--bg",
  "--border": "--line",
  "--input": "--line",
  "--ring": "--accent",
};

const listeners = new Set<() => void>();
let look: Look | undefined;
let end: (() => void) | undefined;

/** How the page looks now. */
export function currentLook(): Look {
  if (listeners.size === 0) look = undefined; // nobody watched: it may have changed
  look ??= readLook();
  return look;
}

/** Calls `listener` whenever the page looks different. Returns how to end that. */
export function onLook(listener: () => void): () => void {
  listeners.add(listener);
  end ??= watch();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    end?.();
    end = undefined;
  };
}

function watch(): () => void {
  const refresh = (): void => {
    const now = readLook();
    if (look !== undefined && JSON.stringify(now) === JSON.stringify(look)) return;
    look = now;
    for (const listener of [...listeners]) listener();
  };
  const root = surface.frame;
  const observer = new MutationObserver(refresh);
  observer.observe(root, { attributeFilter: ["data-theme", "class", "style"] });
  observer.observe(document.head, { childList: true, subtree: true, characterData: true });
  const narrow = matchMedia("(max-width: 760px), (pointer: coarse)");
  narrow.addEventListener("change", refresh);
  return () => {
    observer.disconnect();
    narrow.removeEventListener("change", refresh);
  };
}

function readLook(): Look {
  const style = getComputedStyle(surface.frame);
  const tokens: Record<string, string> = {};
  for (const name of tokenNames()) {
    const value = style.getPropertyValue(name).trim();
    if (value !== "") tokens[name] = value;
  }
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  for (const [name, token] of Object.entries(TRIPLES)) {
    const colour = tokens[token];
    if (paint && colour !== undefined) tokens[name] ??= triple(paint, colour);
  }
  return { isDark: surface.frame.dataset.theme === "dark", tokens };
}

/** The custom properties that any of the page's styles gives to its root. */
function tokenNames(): Set<string> {
  const names = new Set<string>();
  const read = (rules: CSSRuleList): void => {
    for (const rule of rules) {
      if (rule instanceof CSSStyleRule) {
        if (!/^(:root|html|\.page|\[data-theme\b)/.test(rule.selectorText)) continue;
        for (const name of rule.style) if (name.startsWith("--")) names.add(name);
      } else if (rule instanceof CSSGroupingRule) read(rule.cssRules);
    }
  };
  for (const sheet of [...surface.root.styleSheets, ...surface.root.adoptedStyleSheets]) {
    try {
      read(sheet.cssRules);
    } catch {
      // another host's sheet is not ours to read
    }
  }
  for (const name of surface.frame.style) if (name.startsWith("--")) names.add(name);
  return names;
}

/** A colour as hue, saturation and lightness. */
function triple(paint: CanvasRenderingContext2D, colour: string): string {
  paint.fillStyle = colour;
  paint.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = [...paint.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  const light = most - range / 2;
  const saturation = range === 0 ? 0 : range / (1 - Math.abs(2 * light - 1));
  let hue = 0;
  if (range > 0) {
    if (most === red) hue = ((green - blue) / range + 6) % 6;
    else hue = most === green ? (blue - red) / range + 2 : (red - green) / range + 4;
  }
  return `${(hue * 60).toFixed(1)} ${(saturation * 100).toFixed(1)}% ${(light * 100).toFixed(1)}%`;
}
