import type { JSX } from "react";
import { strings } from "../../strings";
import type { TaskInfo } from "./tasks";

/** How many of the tasks are done, as a number and as a bar. */
export function TaskProgress({ info }: { info: TaskInfo }): JSX.Element {
  const { done, tasks, hasFailed } = info;
  const text = strings.tasks.progress({ done, all: tasks.length });
  return (
    <>
      <span className="task-count">{text}</span>
      <progress
        className={hasFailed ? "task-bar is-bad" : "task-bar"}
        value={done}
        max={Math.max(1, tasks.length)}
        aria-label={text}
      />
    </>
  );
}
