import { type ComponentProps, type JSX, type ReactNode, useEffect } from "react";
import { cn } from "./cn";
import { OverlayContext, type OverlayProps, useOverlay, useOwnOverlay } from "./overlay";
import { Slot } from "./Slot";

interface RootProps extends OverlayProps {
  readonly delayDuration?: number;
  readonly openDelay?: number;
  readonly closeDelay?: number;
  readonly children?: ReactNode;
}

/** Shows more about its trigger while that is pointed at or has the focus. */
function Root({ children, delayDuration: _, openDelay: __, closeDelay: ___, ...options }: RootProps): JSX.Element {
  const overlay = useOwnOverlay(options);
  const { isOpen, setIsOpen } = overlay;
  useEffect(() => {
    if (!isOpen) return;
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && setIsOpen(false);
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [isOpen, setIsOpen]);
  return (
    <OverlayContext value={overlay}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its trigger is what takes part */}
      <span
        className="ui-anchor"
        onPointerEnter={() => setIsOpen(true)}
        onPointerLeave={() => setIsOpen(false)}
        onFocus={() => setIsOpen(true)}
        onBlur={() => setIsOpen(false)}
      >
        {children}
      </span>
    </OverlayContext>
  );
}

type TriggerProps = ComponentProps<"button"> & { readonly asChild?: boolean };

function Trigger({ asChild, ...rest }: TriggerProps): JSX.Element {
  const overlay = useOverlay();
  const given = { ...rest, "aria-describedby": overlay.isOpen ? overlay.id : undefined };
  return asChild ? <Slot {...given} /> : <button type="button" {...(given as ComponentProps<"button">)} />;
}

type ContentProps = ComponentProps<"div"> & {
  readonly align?: "start" | "center" | "end";
  readonly side?: string;
  readonly sideOffset?: number;
};

function TooltipContent({
  align = "center",
  side: _,
  sideOffset: __,
  className,
  ...rest
}: ContentProps): JSX.Element | null {
  const overlay = useOverlay();
  if (!overlay.isOpen) return null;
  return <div role="tooltip" {...rest} id={overlay.id} className={cn("ui-tooltip", `ui-align-${align}`, className)} />;
}

function HoverCardContent({
  align = "center",
  side: _,
  sideOffset: __,
  className,
  ...rest
}: ContentProps): JSX.Element | null {
  const overlay = useOverlay();
  if (!overlay.isOpen) return null;
  return <div {...rest} id={overlay.id} className={cn("ui-popover", `ui-align-${align}`, className)} />;
}

function TooltipProvider({
  children,
}: {
  readonly children?: ReactNode;
  readonly delayDuration?: number;
}): JSX.Element {
  return <>{children}</>;
}

export const tooltip = { Tooltip: Root, TooltipTrigger: Trigger, TooltipContent, TooltipProvider };
export const hoverCard = { HoverCard: Root, HoverCardTrigger: Trigger, HoverCardContent };
