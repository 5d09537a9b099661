import { type ComponentProps, createElement, type JSX } from "react";
import { cn } from "./cn";

/** A plain element with a class of the kit's. */
export function part<T extends keyof JSX.IntrinsicElements>(
  tag: T,
  className: string,
): (props: ComponentProps<T>) => JSX.Element {
  return function Part({ className: more, ...rest }: { className?: string }) {
    return createElement(tag, { ...rest, className: cn(className, more) });
  } as (props: ComponentProps<T>) => JSX.Element;
}
