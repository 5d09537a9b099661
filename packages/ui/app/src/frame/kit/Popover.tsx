import { type ComponentProps, type JSX, type ReactNode, useRef } from "react";
import { cn } from "./cn";
import { OverlayContext, type OverlayProps, useDismissal, useOverlay, useOwnOverlay } from "./overlay";
import { part } from "./part";
import { Slot } from "./Slot";

export function Popover({ children, ...options }: OverlayProps & { readonly children?: ReactNode }): JSX.Element {
  return (
    <OverlayContext value={useOwnOverlay(options)}>
      <span className="ui-anchor">{children}</span>
    </OverlayContext>
  );
}

type TriggerProps = ComponentProps<"button"> & { readonly asChild?: boolean };

export function PopoverTrigger({ asChild, ...rest }: TriggerProps): JSX.Element {
  const overlay = useOverlay();
  const given = {
    "aria-haspopup": "dialog",
    "aria-expanded": overlay.isOpen,
    "aria-controls": overlay.isOpen ? overlay.id : undefined,
    ...rest,
    ref: overlay.trigger,
    onClick: (event: React.MouseEvent<HTMLButtonElement>) => {
      rest.onClick?.(event);
      overlay.setIsOpen(!overlay.isOpen);
    },
  } as const;
  return asChild ? <Slot {...given} /> : <button type="button" {...(given as ComponentProps<"button">)} />;
}

type ContentProps = ComponentProps<"div"> & {
  readonly align?: "start" | "center" | "end";
  readonly side?: string;
  readonly sideOffset?: number;
};

export function PopoverContent({
  align = "center",
  side: _,
  sideOffset: __,
  className,
  ...rest
}: ContentProps): JSX.Element | null {
  const overlay = useOverlay();
  const content = useRef<HTMLDivElement>(null);
  useDismissal(content, overlay, false);
  if (!overlay.isOpen) return null;
  return (
    <div
      role="dialog"
      aria-label="More"
      tabIndex={-1}
      {...rest}
      ref={content}
      id={overlay.id}
      className={cn("ui-popover", `ui-align-${align}`, className)}
    />
  );
}

export const PopoverAnchor = part("span", "ui-popover-anchor");
