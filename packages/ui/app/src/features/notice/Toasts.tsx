import type { ToastView } from "@convo/client";
import { useToasts } from "@convo/react";
import { type JSX, useEffect, useState } from "react";
import { strings } from "../../strings";
import { Glyph, type Shape } from "../../ui/Glyph";
import "./notice.css";

/** Milliseconds a toast stays while nobody is at it; what went wrong stays longer. */
const LIFE = 6000;
const LONG_LIFE = 15_000;
/** More at a time would cover what is being read; those that follow wait until there is room. */
const ROOM = 4;
const shapes: Readonly<Record<string, Shape>> = {
  info: "info",
  success: "check",
  warning: "warning",
  error: "warning",
};

export function Toasts(): JSX.Element {
  const { toasts, dismiss } = useToasts();
  return (
    <div className="toasts" role="status" aria-live="polite" aria-relevant="additions">
      {toasts.slice(0, ROOM).map((toast) => (
        <ToastCard key={toast.id} type={toast.type} message={toast.message} onDismiss={() => dismiss(toast.id)} />
      ))}
      {toasts.length > ROOM && (
        <div className="toast toast-rest">
          <span>{strings.toast.more({ count: toasts.length - ROOM })}</span>
          <button type="button" className="link-button" onClick={() => clear(toasts, dismiss)}>
            {strings.toast.clear}
          </button>
        </div>
      )}
    </div>
  );
}

function clear(toasts: readonly ToastView[], dismiss: (id: string) => void): void {
  for (const { id } of toasts) dismiss(id);
}

interface ToastCardProps {
  readonly type: string;
  readonly message: string;
  readonly onDismiss: () => void;
}

function ToastCard({ type, message, onDismiss }: ToastCardProps): JSX.Element {
  const [isHeld, setIsHeld] = useState(false);
  const isBad = type === "error" || type === "warning";
  // biome-ignore lint/correctness/useExhaustiveDependencies: it waits anew only after somebody was at it
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(onDismiss, isBad ? LONG_LIFE : LIFE);
    return () => clearTimeout(timer);
  }, [isHeld]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it stays while somebody is at it
    <div
      className={`toast is-${type}`}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onDismiss();
      }}
    >
      <Glyph shape={shapes[type] ?? "info"} small />
      <span role={isBad ? "alert" : undefined}>{message}</span>
      <button type="button" className="icon-button small" aria-label={strings.toast.dismiss} onClick={onDismiss}>
        <Glyph shape="cross" small />
      </button>
    </div>
  );
}
