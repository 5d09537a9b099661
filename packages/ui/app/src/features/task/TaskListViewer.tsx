import type { JSX } from "react";
import { strings } from "../../strings";
import type { ViewerProps } from "../element/viewers";
import { TaskItems } from "./TaskItems";
import { TaskProgress } from "./TaskProgress";
import { tasksOf } from "./tasks";
import "./task.css";

/** A task list that belongs to a message. */
export function TaskListViewer({ element }: ViewerProps): JSX.Element {
  const info = tasksOf(element);
  return (
    <section className="task-card" aria-label={strings.tasks.title}>
      <header className="task-head">
        <span className="task-words">
          <b>{info.status || strings.tasks.title}</b>
        </span>
        <TaskProgress info={info} />
      </header>
      <TaskItems tasks={info.tasks} />
    </section>
  );
}
