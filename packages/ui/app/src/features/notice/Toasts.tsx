import { useToasts } from "@convo/react";
import { type JSX, useEffect } from "react";
import { strings } from "../../strings";
import { Glyph, type Shape } from "../../ui/Glyph";
import "./notice.css";

/** Milliseconds a toast stays. */
const LIFE = 6000;
const shapes: Readonly<Record<string, Shape>> = { success: "check", warning: "warning", error: "warning" };

export function Toasts(): JSX.Element {
  const { toasts, dismiss } = useToasts();
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map((toast) => (
        <ToastCard
          key={toast.id}
          type={toast.type ?? "info"}
          message={toast.message}
          onDismiss={() => dismiss(toast.id)}
        />
      ))}
    </div>
  );
}

function ToastCard({
  type,
  message,
  onDismiss,
}: {
  type: string;
  message: string;
  onDismiss: () => void;
}): JSX.Element {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a toast lives once, whatever renders around it
  useEffect(() => {
    const timer = setTimeout(onDismiss, LIFE);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={`toast is-${type}`}>
      <Glyph shape={shapes[type] ?? "chat"} small />
      <span>{message}</span>
      <button type="button" className="icon-button small" aria-label={strings.toast.dismiss} onClick={onDismiss}>
        <Glyph shape="cross" small />
      </button>
    </div>
  );
}
