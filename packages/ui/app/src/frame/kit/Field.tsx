import type { ComponentProps, JSX } from "react";
import { cn } from "./cn";

export function Input({ className, type = "text", ...rest }: ComponentProps<"input">): JSX.Element {
  return <input {...rest} type={type} className={cn("ui-input", className)} />;
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">): JSX.Element {
  return <textarea rows={3} {...rest} className={cn("ui-input ui-textarea", className)} />;
}

export function Label({ className, ...rest }: ComponentProps<"label">): JSX.Element {
  // biome-ignore lint/a11y/noLabelWithoutControl: its author ties it to one
  return <label {...rest} className={cn("ui-label", className)} />;
}
