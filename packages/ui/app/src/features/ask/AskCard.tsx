import { useAsk } from "@convo/react";
import { type JSX, type ReactNode, useEffect, useRef } from "react";
import { useWritten } from "./pending";
import "./ask.css";
import { isFocusLost, surface } from "../../ui/surface";

/** Around a message: it stands out for as long as it waits for an answer that is given there. */
export function AskCard({ stepId, children }: { stepId: string; children: ReactNode }): JSX.Element {
  const ask = useAsk(stepId);
  const written = useWritten();
  const isWaiting = ask !== undefined && ask.outcome === undefined && ask.id !== written?.id;
  const was = useRef(false);
  useEffect(() => {
    // What was pressed is gone, and the focus with it; on a phone the keyboard would cover the page.
    const isLost = was.current && !isWaiting && isFocusLost();
    if (isLost && matchMedia("(pointer: fine)").matches) {
      surface.root.getElementById("composer")?.focus({ preventScroll: true });
    }
    was.current = isWaiting;
  }, [isWaiting]);
  return <div className={isWaiting ? "said is-asking" : "said"}>{children}</div>;
}
