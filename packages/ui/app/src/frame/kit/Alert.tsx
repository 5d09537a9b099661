import type { ComponentProps, JSX } from "react";
import { cn } from "./cn";
import { part } from "./part";

type AlertProps = ComponentProps<"div"> & { readonly variant?: "default" | "destructive" | null };

export function Alert({ variant, className, ...rest }: AlertProps): JSX.Element {
  return <div role="alert" {...rest} className={cn("ui-alert", `ui-alert-${variant ?? "default"}`, className)} />;
}

export const AlertTitle = part("h5", "ui-alert-title");
export const AlertDescription = part("div", "ui-alert-description");
