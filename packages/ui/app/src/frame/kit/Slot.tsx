import { Children, cloneElement, isValidElement, type JSX, type ReactElement, type ReactNode } from "react";
import { cn } from "./cn";

interface SlotProps extends Readonly<Record<string, unknown>> {
  readonly children?: ReactNode;
}

/** Its only child, with what it is given itself: classes are joined, handlers both called. */
export function Slot({ children, ...given }: SlotProps): JSX.Element {
  const child = Children.toArray(children).find((one) => isValidElement(one)) as
    | ReactElement<Record<string, unknown>>
    | undefined;
  if (child === undefined) return <>{children}</>;
  const merged: Record<string, unknown> = { ...given };
  for (const [name, value] of Object.entries(child.props)) {
    const other = given[name];
    if (name === "className") merged[name] = cn(other as string | undefined, value as string | undefined);
    else if (/^on[A-Z]/.test(name) && typeof other === "function" && typeof value === "function") {
      merged[name] = (...args: readonly unknown[]) => {
        value(...args);
        other(...args);
      };
    } else if (value !== undefined) merged[name] = value;
  }
  return cloneElement(child, merged);
}
