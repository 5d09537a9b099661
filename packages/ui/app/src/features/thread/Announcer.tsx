import type { JSX } from "react";
import { useAnnouncement } from "./announcement";

/** Finished answers, for screen readers: never the single deltas. */
export function Announcer(): JSX.Element {
  return (
    <div className="unseen" role="status" aria-live="polite">
      {useAnnouncement()}
    </div>
  );
}
