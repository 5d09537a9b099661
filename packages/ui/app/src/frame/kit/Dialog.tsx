import { type ComponentProps, type JSX, type ReactNode, useRef } from "react";
import { createPortal } from "react-dom";
import { cn } from "./cn";
import { OverlayContext, type OverlayProps, useDismissal, useOverlay, useOwnOverlay } from "./overlay";
import { part } from "./part";
import { Slot } from "./Slot";

function Root({ children, ...options }: OverlayProps & { readonly children?: ReactNode }): JSX.Element {
  return <OverlayContext value={useOwnOverlay(options)}>{children}</OverlayContext>;
}

type ButtonProps = ComponentProps<"button"> & { readonly asChild?: boolean };

function Opener({ asChild, ...rest }: ButtonProps): JSX.Element {
  const overlay = useOverlay();
  const given = {
    "aria-haspopup": "dialog",
    "aria-expanded": overlay.isOpen,
    ...rest,
    ref: overlay.trigger,
    onClick: (event: React.MouseEvent<HTMLButtonElement>) => {
      rest.onClick?.(event);
      overlay.setIsOpen(true);
    },
  } as const;
  return asChild ? <Slot {...given} /> : <button type="button" {...(given as ComponentProps<"button">)} />;
}

function Closer({ asChild, ...rest }: ButtonProps): JSX.Element {
  const overlay = useOverlay();
  const given = {
    ...rest,
    onClick: (event: React.MouseEvent<HTMLButtonElement>) => {
      rest.onClick?.(event);
      overlay.setIsOpen(false);
    },
  };
  return asChild ? <Slot {...given} /> : <button type="button" {...(given as ComponentProps<"button">)} />;
}

/** Lies over the whole frame, which grows as far as it needs. */
function Content({
  className,
  children,
  side: _,
  ...rest
}: ComponentProps<"div"> & { readonly side?: string }): JSX.Element | null {
  const overlay = useOverlay();
  const content = useRef<HTMLDivElement>(null);
  useDismissal(content, overlay, true);
  const root = document.getElementById("root");
  if (!overlay.isOpen || root === null) return null;
  return createPortal(
    <div className="ui-backdrop">
      <div
        role="dialog"
        aria-modal="true"
        aria-labelledby={`${overlay.id}-title`}
        tabIndex={-1}
        {...rest}
        ref={content}
        className={cn("ui-dialog", className)}
      >
        {children}
        <button type="button" className="ui-dialog-close" aria-label="Close" onClick={() => overlay.setIsOpen(false)}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="m4 4 8 8M12 4l-8 8" />
          </svg>
        </button>
      </div>
    </div>,
    root,
  );
}

function Title({ className, ...rest }: ComponentProps<"h2">): JSX.Element {
  const overlay = useOverlay();
  return <h2 {...rest} id={`${overlay.id}-title`} className={cn("ui-dialog-title", className)} />;
}

const Header = part("div", "ui-dialog-header");
const Footer = part("div", "ui-dialog-footer");
const Description = part("p", "ui-dialog-description");

function Portal({ children }: { readonly children?: ReactNode }): JSX.Element {
  return <>{children}</>;
}

export const dialog = {
  Dialog: Root,
  DialogTrigger: Opener,
  DialogClose: Closer,
  DialogPortal: Portal,
  DialogContent: Content,
  DialogHeader: Header,
  DialogFooter: Footer,
  DialogTitle: Title,
  DialogDescription: Description,
};

export const sheet = {
  Sheet: Root,
  SheetTrigger: Opener,
  SheetClose: Closer,
  SheetContent: Content,
  SheetHeader: Header,
  SheetFooter: Footer,
  SheetTitle: Title,
  SheetDescription: Description,
};
