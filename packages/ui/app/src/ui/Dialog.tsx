import { type JSX, type ReactNode, useEffect, useId, useRef } from "react";
import { createPortal } from "react-dom";
import { strings } from "../strings";
import { Glyph } from "./Glyph";
import "./dialog.css";
import { surface } from "./surface";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** In the middle of the page, at its side, on a sheet that covers most of it, or in its place. */
  readonly place?: "middle" | "side" | "sheet" | "page";
  /** Stays in sight below what scrolls. */
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

/** A window above the page, which waits until it is closed. Focus stays in it and returns to where it was. */
export function Dialog({ title, onClose, place = "middle", footer, children }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const isPressed = useRef(false); // beside it: what is selected in it may end beside it, which closes nothing
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = surface.root.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  // At the end of the page: browsers keep what a form inside another form submits from ever being heard.
  return createPortal(
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it too, as `cancel`
    <dialog
      ref={dialog}
      className={`dialog is-${place}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        isPressed.current = event.target === dialog.current;
      }}
      onClick={(event) => {
        if (event.target === dialog.current && isPressed.current) onClose();
      }}
      onSubmit={(event) => event.stopPropagation()}
    >
      <div className="dialog-frame">
        <div className="dialog-head">
          <h2 id={heading}>{title}</h2>
          <button
            type="button"
            className="icon-button"
            aria-label={strings.dialog.close}
            title={strings.dialog.close}
            onClick={onClose}
          >
            <Glyph shape="cross" />
          </button>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
        <section className="dialog-body" tabIndex={0} aria-labelledby={heading}>
          {children}
        </section>
        {footer && <div className="dialog-foot">{footer}</div>}
      </div>
    </dialog>,
    surface.layer,
  );
}
