"""Replies: what a run said and did, as tests look at it."""

from __future__ import annotations

from dataclasses import dataclass

from convo.protocol import RunInfo, Step

__all__ = ["Reply", "StepNode"]


@dataclass(frozen=True)
class StepNode:
    """A step with the steps below it."""

    step: Step
    children: list[StepNode]

    @property
    def name(self) -> str:
        return self.step.name

    def __str__(self) -> str:
        inner = ", ".join(str(child) for child in self.children)
        return f"{self.name}({inner})" if inner else self.name


@dataclass(frozen=True)
class Reply:
    """What a run said and did."""

    run: RunInfo
    messages: list[Step]
    steps: list[StepNode]

    @property
    def content(self) -> str:
        """All it said, a line break between messages."""
        return "\n".join(message.output for message in self.messages)

    @property
    def status(self) -> str:
        return self.run.status

    @property
    def error(self) -> str | None:
        """What a user reads when the callback raised. Its traceback is in the log `convo.session`."""
        return None if self.run.error is None else self.run.error.text
