import { type ComponentProps, type JSX, type KeyboardEvent, type ReactNode, useRef } from "react";
import { cn } from "./cn";
import { OverlayContext, type OverlayProps, useDismissal, useOverlay, useOwnOverlay } from "./overlay";
import { part } from "./part";
import { Slot } from "./Slot";

export function DropdownMenu({ children, ...options }: OverlayProps & { readonly children?: ReactNode }): JSX.Element {
  return (
    <OverlayContext value={useOwnOverlay(options)}>
      <span className="ui-anchor">{children}</span>
    </OverlayContext>
  );
}

type TriggerProps = ComponentProps<"button"> & { readonly asChild?: boolean };

export function DropdownMenuTrigger({ asChild, ...rest }: TriggerProps): JSX.Element {
  const overlay = useOverlay();
  const given = {
    "aria-haspopup": "menu",
    "aria-expanded": overlay.isOpen,
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

export function DropdownMenuContent({
  align = "start",
  side: _,
  sideOffset: __,
  className,
  ...rest
}: ContentProps): JSX.Element | null {
  const overlay = useOverlay();
  const content = useRef<HTMLDivElement>(null);
  useDismissal(content, overlay, false);
  if (!overlay.isOpen) return null;
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="menuitem"]:not(:disabled)')];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined || items.length === 0) return;
    event.preventDefault();
    items[(to + items.length) % items.length]?.focus();
  };
  return (
    <div
      role="menu"
      tabIndex={-1}
      {...rest}
      ref={content}
      onKeyDown={move}
      className={cn("ui-popover ui-menu", `ui-align-${align}`, className)}
    />
  );
}

type ItemProps = Omit<ComponentProps<"button">, "onSelect"> & { readonly onSelect?: (event: Event) => void };

export function DropdownMenuItem({ className, onSelect, onClick, ...rest }: ItemProps): JSX.Element {
  const overlay = useOverlay();
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      {...rest}
      onClick={(event) => {
        onClick?.(event);
        onSelect?.(event.nativeEvent);
        if (!event.nativeEvent.defaultPrevented) overlay.setIsOpen(false);
      }}
      className={cn("ui-menu-item", className)}
    />
  );
}

export const DropdownMenuLabel = part("div", "ui-menu-label");
export const DropdownMenuSeparator = part("div", "ui-separator");
export const DropdownMenuGroup = part("div", "ui-menu-group");
export const DropdownMenuShortcut = part("span", "ui-menu-shortcut");
