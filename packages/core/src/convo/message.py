"""Messages: what somebody says."""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import AsyncIterable, Iterable
from typing import Any, Literal

from convo.action import Action
from convo.aio import call_in_thread
from convo.context import context
from convo.element import Element, elements_of
from convo.protocol import ActionRemoved, StepClosed, encode_event, timestamp
from convo.protocol import Step as StepNoun
from convo.run import Run
from convo.session import Session
from convo.streamed import Streamed
from convo.thread import StepDict

__all__ = ["ErrorMessage", "Message", "chunk_text", "say"]

MessageType = Literal["user_message", "assistant_message", "system_message"]


class Message(Streamed):
    """Something said in the thread.

    `send` shows it; with no content it stays open for `stream_token`. `dict` content is shown as JSON. `author`
    defaults to the App's name.
    """

    def __init__(
        self,
        content: str | dict[str, Any] = "",
        author: str | None = None,
        language: str | None = None,
        actions: list[Action] | None = None,
        elements: list[Element] | None = None,
        type: MessageType = "assistant_message",
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,
        id: str | None = None,
        parent_id: str | None = None,
        command: str | None = None,
        modes: dict[str, str] | None = None,
        created_at: str | None = None,
    ) -> None:
        super().__init__(id, parent_id)
        self.author = author
        self.language = language
        self.actions = actions or []
        self.elements = elements or []
        self.type: MessageType = type
        self.metadata = metadata or {}
        self.tags = tags
        self.command = command
        self.modes = modes
        self.created_at = created_at
        self.is_error = False
        self.content = content

    @property
    def content(self) -> str:
        return self._text("output")

    @content.setter
    def content(self, value: Any) -> None:
        if isinstance(value, dict):
            self._set_text("output", json.dumps(value, indent=4, ensure_ascii=False, default=str))
            self.language = "json"
        else:
            self._set_text("output", "" if value is None else str(value))

    @classmethod
    def from_dict(cls, data: StepDict) -> Message:
        """The message a `StepDict` describes."""
        message = cls(
            content=data.get("output", ""),
            author=data.get("name"),
            language=data.get("language"),
            type=data["type"],  # type: ignore[arg-type]  # a dict from outside: shown as it is
            metadata=data.get("metadata"),
            tags=data.get("tags"),
            id=data["id"],
            parent_id=data.get("parentId"),
            command=data.get("command"),
            modes=data.get("modes"),
            created_at=data.get("createdAt"),
        )
        message.is_error = data.get("isError", False)
        return message

    @classmethod
    def of_step(cls, step: StepNoun, session: Session | None = None) -> Message:
        """The message that a step of the log is; with `session`, it can be updated and removed."""
        message = cls(
            content=step.output,
            author=step.author,
            language=step.language,
            type=step.type,  # type: ignore[arg-type]  # callers pass messages only
            metadata=step.metadata,
            tags=step.tags,
            id=step.id,
            parent_id=step.parent_id,
            command=step.command,
            modes=step.modes,
            created_at=step.created_at,
        )
        message.is_error = step.is_error
        if session is not None:
            if session.state.elements:
                message.elements = elements_of(session, step.id)
            if session.state.actions:
                nouns = [noun for noun in session.state.actions.values() if noun.for_id == step.id]
                message.actions = [Action.of_noun(noun, session) for noun in nouns]
            message._session = session
            message._sent = message._fields()
            message._stale.clear()
        return message

    def _fields(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "name": self.author or "",
            "author": self.author,
            "output": self.content,
            "language": self.language,
            "is_error": self.is_error,
            "command": self.command,
            "modes": self.modes,
            "metadata": self.metadata or None,
            "tags": self.tags,
        }

    def _open(self, session: Session, run: Run | None, step: StepNoun) -> None:
        session.conversation.open(step, run)

    async def send(self) -> Message:
        """Show the message. With content it is complete; without, it is open for `stream_token` until `update`."""
        if self._session is not None:
            await self.update()
            return self
        await self._name()
        await self._store(context.session)
        self._attach(self._send(end=timestamp() if self.content else None))
        return self

    async def _name(self) -> None:
        session = context.session
        self.author = self.author or session.config.project.name
        rename = session.callbacks.get("author_rename")
        if rename is not None:
            self.author = str(await rename(self.author))

    async def stream_token(self, token: str | None, is_sequence: bool = False) -> None:
        """Add `token` to the content, or replace it all with `is_sequence`. The first one sends the message.

        `None`, which providers yield where there is no text, is nothing.
        """
        if self._session is None:
            await self._name()
        await self._stream(token, "output", is_sequence)

    async def stream(self, source: AsyncIterable[Any] | Iterable[Any]) -> Message:
        """Stream what `source` yields, close the message and return it.

        `source` is any async or blocking iterator of text, or of OpenAI, LangChain or LlamaIndex chunks. A blocking
        one is read in a worker thread. It is closed whatever happens.
        """
        if inspect.isawaitable(source):
            source = await source
        await self._take(source)
        return await self.send()

    async def _take(self, source: AsyncIterable[Any] | Iterable[Any]) -> None:
        if self._session is None:
            await self._name()
        try:
            if isinstance(source, AsyncIterable):
                async for chunk in source:
                    await self._stream(chunk_text(chunk), "output", False)
            else:
                await call_in_thread(self._drain, source)
        finally:
            await _close(source)

    def _drain(self, source: Iterable[Any]) -> None:
        try:
            for chunk in source:
                text = chunk_text(chunk)
                if text:
                    self._append_delta(text, "output")
        finally:
            if inspect.isgenerator(source):  # here, because only the thread that runs it can close it
                with contextlib.suppress(ValueError):  # the loop is about to
                    source.close()

    async def update(self) -> bool:
        """Show what has changed, and close the message."""
        session = self._require_sent("update")
        await self._store(session)
        session.append(StepClosed(id=self.id, end=timestamp(), is_error=self.is_error, set=self._changes()))
        self._attach(session)
        return True

    async def _store(self, session: Session) -> None:
        for action in self.actions:
            if not isinstance(action, Action):
                raise TypeError(f"`actions` holds a `{type(action).__name__}`, which is no action.")
            encode_event(action._event(self.id))  # what is wrong with one is told before anything is shown
        await super()._store(session)

    def _attach(self, session: Session) -> None:
        super()._attach(session)
        for action in self.actions:
            if action._session is None or action.forId != self.id:
                action._put(session, self.id)

    async def remove_actions(self) -> None:
        """Take all its buttons away for all readers."""
        session = self._require_sent("remove_actions")
        for noun in [noun for noun in session.state.actions.values() if noun.for_id == self.id]:
            session.append(ActionRemoved(id=noun.id))
        self.actions = []


class ErrorMessage(Message):
    """A message that is shown as an error."""

    def __init__(self, content: str = "", author: str | None = None) -> None:
        super().__init__(content=content, author=author)
        self.is_error = True


async def say(source: AsyncIterable[Any] | Iterable[Any]) -> None:
    """Stream what `source` yields into a message of its own; none is sent when it yields nothing."""
    message = Message()
    await message._take(source)
    if message._session is not None:
        await message.update()


def chunk_text(chunk: Any) -> str:
    """The text of one streamed chunk: a `str`, or what OpenAI, LangChain and LlamaIndex clients yield.

    Raises `TypeError` for anything else, so that nothing is dropped in silence.
    """
    if isinstance(chunk, str):
        return chunk
    choices = getattr(chunk, "choices", None)
    if choices is not None:  # OpenAI chat completions; the last chunk may have no choice
        return (choices[0].delta.content or "") if choices else ""
    kind = getattr(chunk, "type", None)
    if isinstance(kind, str) and kind.startswith("response."):  # OpenAI responses
        return chunk.delta if kind == "response.output_text.delta" else ""
    delta = getattr(chunk, "delta", None)
    if delta is None and hasattr(chunk, "delta"):
        return ""
    if isinstance(delta, str):  # LlamaIndex
        return delta
    content = getattr(chunk, "content", None)
    if isinstance(content, str):  # LangChain
        return content
    if isinstance(content, list):
        parts = (part if isinstance(part, str) else part.get("text", "") for part in content)
        return "".join(parts)
    raise TypeError(f"Cannot stream a `{type(chunk).__name__}`; yield its text instead.")


async def _close(source: Any) -> None:
    """Close a source, so that a stopped run lets go of the provider's connection."""
    for name in ("aclose", "close"):
        close = getattr(source, name, None)
        if callable(close):
            try:
                closing = close()
            except ValueError:  # a generator that a worker thread still runs, which will close it
                return
            if inspect.isawaitable(closing):
                await closing
            return
