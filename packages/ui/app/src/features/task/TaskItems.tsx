import { useStepFact } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { goToStep } from "../step/anchor";
import type { Task, TaskStatus } from "./tasks";

/** The tasks of a list, in order. One that has a message leads to it. */
export function TaskItems({ tasks }: { tasks: readonly Task[] }): JSX.Element {
  if (tasks.length === 0) return <p className="task-none">{strings.tasks.none}</p>;
  return (
    <ol className="task-items">
      {tasks.map((task, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a task is known by its place
        <TaskItem key={index} task={task} />
      ))}
    </ol>
  );
}

function TaskItem({ task }: { task: Task }): JSX.Element {
  const isThere = useStepFact(task.forId ?? "", (step) => step !== undefined);
  const { forId } = task;
  return (
    <li className={`task is-${task.status}`}>
      <TaskSign status={task.status} />
      {forId !== undefined && isThere ? (
        <button type="button" className="task-title link-button" onClick={() => goToStep(forId)}>
          {task.title}
        </button>
      ) : (
        <span className="task-title">{task.title}</span>
      )}
    </li>
  );
}

function TaskSign({ status }: { status: TaskStatus }): JSX.Element {
  return (
    <span className="task-sign">
      {status === "running" ? (
        <span className="spin" />
      ) : status === "ready" ? (
        <i className="task-ring" />
      ) : (
        <Glyph shape={status === "done" ? "check" : "cross"} small />
      )}
      <span className="unseen">{strings.tasks.statuses[status]}</span>
    </span>
  );
}
