import { surface } from "../../ui/surface";
/** How a diagram is to look: the colours of the theme as every drawing library understands them. */
export interface Look {
  readonly isDark: boolean;
  readonly font: string;
  readonly colours: Readonly<Record<Colour, string>>;
}

const names = [
  "bg",
  "bg-2",
  "bg-3",
  "line",
  "line-strong",
  "ink",
  "ink-2",
  "accent",
  "accent-soft",
  "warn-soft",
] as const;

type Colour = (typeof names)[number];

/** The look of the page as it is. */
export function currentLook(): Look {
  const style = getComputedStyle(surface.frame);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const hex = (name: string): string => {
    if (!pen) return "#808080";
    pen.fillStyle = style.getPropertyValue(`--${name}`).trim();
    pen.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = pen.getImageData(0, 0, 1, 1).data;
    return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  };
  return {
    isDark: surface.frame.dataset.theme === "dark",
    font: style.getPropertyValue("--font").trim(),
    colours: Object.fromEntries(names.map((name) => [name, hex(name)])) as Record<Colour, string>,
  };
}
