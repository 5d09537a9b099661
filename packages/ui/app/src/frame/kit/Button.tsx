import type { ComponentProps, JSX } from "react";
import { cn } from "./cn";
import { Slot } from "./Slot";

interface Variants {
  readonly variant?: "default" | "destructive" | "outline" | "secondary" | "ghost" | "link" | null | undefined;
  readonly size?: "default" | "sm" | "lg" | "icon" | null | undefined;
}

type ButtonProps = ComponentProps<"button"> & Variants & { readonly asChild?: boolean };

export function Button({ variant, size, asChild, className, ...rest }: ButtonProps): JSX.Element {
  const classes = buttonVariants({ variant, size, className });
  if (asChild) return <Slot {...rest} className={classes} />;
  return <button type="button" {...rest} className={classes} />;
}

/** The classes of a button, for what should look like one. */
export function buttonVariants({
  variant,
  size,
  className,
}: Variants & { readonly className?: string | undefined } = {}): string {
  return cn("ui-button", `ui-button-${variant ?? "default"}`, `ui-button-${size ?? "default"}-size`, className);
}
