import { type JSX, Suspense, useEffect, useState } from "react";
import { later } from "../../ui/later";
import { useHistoryOpen } from "./open";
import "./place.css";

const Sidebar = later(() => import("./Sidebar").then((module) => module.Sidebar));
const Drawer = later(() => import("./Drawer").then((module) => module.Drawer));

export interface HistoryPlaceProps {
  /** Begins a new chat, once nothing would be lost by it or the reader wants it all the same. */
  readonly onNewChat: () => void;
  /** Leaves the chat that is open, without asking. */
  readonly onLeave: () => void;
}

/** The history beside the chat, or above it on a narrow screen. Its place is there at once, and it comes after. */
export function HistoryPlace(props: HistoryPlaceProps): JSX.Element | null {
  const { isOpen, isNarrow } = useHistoryOpen();
  const [isPainted, setIsPainted] = useState(false);
  useEffect(() => {
    const frame = requestAnimationFrame(() => setTimeout(() => setIsPainted(true)));
    return () => cancelAnimationFrame(frame);
  }, []);
  if (!isOpen) return null;
  if (isNarrow) {
    return (
      <Suspense>
        <Drawer {...props} />
      </Suspense>
    );
  }
  return (
    <div className="side">
      <Suspense>{isPainted && <Sidebar {...props} />}</Suspense>
    </div>
  );
}
