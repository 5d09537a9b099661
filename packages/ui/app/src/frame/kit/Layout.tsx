import type { ComponentProps, JSX } from "react";
import { cn } from "./cn";
import { part } from "./part";

type SeparatorProps = ComponentProps<"div"> & {
  readonly orientation?: "horizontal" | "vertical";
  readonly decorative?: boolean;
};

export function Separator({
  orientation = "horizontal",
  decorative = true,
  className,
  ...rest
}: SeparatorProps): JSX.Element {
  const meaning = decorative ? { role: "none" } : { role: "separator", "aria-orientation": orientation };
  return <div {...meaning} {...rest} className={cn("ui-separator", `ui-separator-${orientation}`, className)} />;
}

export const Skeleton = part("div", "ui-skeleton");

export function ScrollArea({ className, ...rest }: ComponentProps<"div">): JSX.Element {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
  return <div tabIndex={0} {...rest} className={cn("ui-scroll-area", className)} />;
}

/** The browser draws it. */
export function ScrollBar(): null {
  return null;
}

export function AspectRatio({
  ratio = 1,
  className,
  style,
  ...rest
}: ComponentProps<"div"> & { ratio?: number }): JSX.Element {
  return (
    <div {...rest} className={cn("ui-aspect-ratio", className)} style={{ ...style, aspectRatio: String(ratio) }} />
  );
}
