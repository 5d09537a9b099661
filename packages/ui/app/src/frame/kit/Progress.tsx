import type { ComponentProps, JSX } from "react";
import { cn } from "./cn";

interface ProgressProps extends ComponentProps<"div"> {
  readonly value?: number | null;
  readonly max?: number;
}

export function Progress({ value, max = 100, className, ...rest }: ProgressProps): JSX.Element {
  const isKnown = typeof value === "number";
  return (
    <div
      role="progressbar"
      aria-label="Progress"
      {...rest}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={isKnown ? value : undefined}
      className={cn("ui-progress", !isKnown && "ui-progress-unknown", className)}
    >
      <div style={isKnown ? { width: `${Math.max(0, Math.min(100, (value / max) * 100))}%` } : undefined} />
    </div>
  );
}
