"""Task lists: what an app is about to do, and how far it is."""

from __future__ import annotations

from enum import Enum
from typing import Any, Unpack

from convo.element import Element, ElementOptions

__all__ = ["Task", "TaskList", "TaskStatus"]


class TaskStatus(Enum):
    """How far a task is."""

    READY = "ready"
    RUNNING = "running"
    FAILED = "failed"
    DONE = "done"


class Task:
    """One line of a task list. `forId` is the message or step that it links to."""

    def __init__(self, title: str, status: TaskStatus = TaskStatus.READY, forId: str | None = None) -> None:  # noqa: N803
        self.title = title
        self.status = status
        self.forId = forId


class TaskList(Element):
    """A list of tasks, shown once per chat, beside it. Change its tasks and `send` it again."""

    type = "tasklist"

    def __init__(
        self, tasks: list[Task] | None = None, status: str = "Ready", **options: Unpack[ElementOptions]
    ) -> None:
        self.tasks: list[Task] = tasks or []
        self.status = status
        super().__init__("tasklist", **options)

    async def add_task(self, task: Task) -> None:
        """Add a task at the end; shown by the next `send`."""
        self.tasks.append(task)

    def _check(self) -> None:
        pass

    def _props(self) -> dict[str, Any]:
        for task in self.tasks:
            if not isinstance(task, Task):
                raise TypeError(f"A task list holds `Task`s, not a `{type(task).__name__}`.")
            if not isinstance(task.title, str):
                raise TypeError(f"The title of a task is a text, not `{task.title!r}`.")
            if not isinstance(task.status, TaskStatus):
                raise TypeError(f"The status of the task `{task.title}` is a `TaskStatus`, not `{task.status!r}`.")
        tasks = [{"title": task.title, "status": task.status.value, "forId": task.forId} for task in self.tasks]
        return {"status": self.status, "tasks": tasks}
