import type { ComponentProps, JSX } from "react";
import { cn } from "./cn";

interface Variants {
  readonly variant?: "default" | "secondary" | "destructive" | "outline" | null | undefined;
}

export function Badge({ variant, className, ...rest }: ComponentProps<"span"> & Variants): JSX.Element {
  return <span {...rest} className={badgeVariants({ variant, className })} />;
}

export function badgeVariants({
  variant,
  className,
}: Variants & { readonly className?: string | undefined } = {}): string {
  return cn("ui-badge", `ui-badge-${variant ?? "default"}`, className);
}
