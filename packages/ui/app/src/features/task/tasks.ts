import type { ElementView } from "../element/viewers";

export type TaskStatus = "ready" | "running" | "failed" | "done";

export interface Task {
  readonly title: string;
  readonly status: TaskStatus;
  /** The message or step it links to. */
  readonly forId?: string;
}

export interface TaskInfo {
  readonly status: string;
  readonly tasks: readonly Task[];
  readonly done: number;
  readonly hasFailed: boolean;
  /** The one that is being worked on. */
  readonly current?: Task;
}

const STATUSES: readonly string[] = ["ready", "running", "failed", "done"];

/** What a task list says; what it does not say as it should is left out. */
export function tasksOf({ props }: ElementView): TaskInfo {
  const given = Array.isArray(props?.tasks) ? props.tasks : [];
  const tasks = given.flatMap((task: unknown): Task[] => {
    if (typeof task !== "object" || task === null) return [];
    const { title, status, forId } = task as Record<string, unknown>;
    return [
      {
        title: String(title ?? ""),
        status: typeof status === "string" && STATUSES.includes(status) ? (status as TaskStatus) : "ready",
        ...(typeof forId === "string" && { forId }),
      },
    ];
  });
  const current = tasks.find(({ status }) => status === "running");
  return {
    status: typeof props?.status === "string" ? props.status : "",
    tasks,
    done: tasks.filter(({ status }) => status === "done").length,
    hasFailed: tasks.some(({ status }) => status === "failed"),
    ...(current && { current }),
  };
}
