import { type JSX, Suspense } from "react";
import { later } from "../../ui/later";
import { shareThread, useSharedThread } from "./place";

const ShareDialog = later(() => import("./ShareDialog").then((module) => module.ShareDialog));

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
