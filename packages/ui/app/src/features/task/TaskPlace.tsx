import { useThreadElements } from "@convo/react";
import { type JSX, type RefObject, Suspense, useEffect, useState } from "react";
import { later } from "../../ui/later";
import { surface } from "../../ui/surface";

const TaskPanel = later(() => import("./TaskPanel").then((module) => module.TaskPanel));

/** From this width of the chat on, in rem, a task list has room beside the column. */
const ROOM = 79;

/** The last task list that an app has sent, if any. `chat` is the frame whose width counts. */
export function TaskPlace({ chat }: { chat: RefObject<HTMLElement | null> }): JSX.Element | null {
  const element = useThreadElements().findLast(({ type }) => type === "tasklist");
  const isBeside = useHasRoom(chat, element !== undefined);
  if (element === undefined) return null;
  return (
    <Suspense>
      <TaskPanel key={element.id} element={element} isBeside={isBeside} />
    </Suspense>
  );
}

function useHasRoom(chat: RefObject<HTMLElement | null>, isWanted: boolean): boolean {
  const [hasRoom, setHasRoom] = useState(false);
  useEffect(() => {
    const element = chat.current;
    if (!element || !isWanted) return;
    const rem = surface.rem;
    const observer = new ResizeObserver(() => setHasRoom(element.clientWidth >= ROOM * rem));
    observer.observe(element);
    return () => observer.disconnect();
  }, [chat, isWanted]);
  return hasRoom;
}
