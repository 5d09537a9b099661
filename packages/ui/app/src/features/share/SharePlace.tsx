import { type JSX, lazy, Suspense } from "react";
import { shareThread, useSharedThread } from "./place";

const ShareDialog = lazy(() => import("./ShareDialog").then((module) => ({ default: module.ShareDialog })));

/** The window in which a thread is shared, once somebody wants it. */
export function SharePlace(): JSX.Element | null {
  const thread = useSharedThread();
  if (thread === undefined) return null;
  return (
    <Suspense>
      <ShareDialog key={thread} thread={thread} onClose={() => shareThread(undefined)} />
    </Suspense>
  );
}
