"""Steps: timed, nested pieces of work, shown as they happen."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import Any, Literal, TypeVar, overload

from convo.aio import run_sync
from convo.context import context
from convo.element import Element
from convo.protocol import Step as StepNoun
from convo.protocol import StepClosed, StepFields, StepOpened, StepPatched, timestamp
from convo.run import Run, current_run, current_step
from convo.session import Session
from convo.streamed import Streamed

__all__ = ["Step", "step"]

StepType = Literal["run", "tool", "llm", "embedding", "retrieval", "rerank", "undefined"]
F = TypeVar("F", bound=Callable[..., Any])


class Step(Streamed):
    """A timed, nested piece of work.

    Use it as `with` or `async with`, or call `send` and `update` yourself. Its parent is the step that is open in the
    same context, which is right under `asyncio.gather`, in nested tasks and in threads. An exception that leaves the
    block marks the step and goes on.

    `show_input`: `"json"` or another language shows the input in it, `True` as text, `False` hides it.
    """

    def __init__(
        self,
        name: str = "Step",
        type: StepType = "undefined",
        id: str | None = None,
        parent_id: str | None = None,
        elements: list[Element] | None = None,
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,
        language: str | None = None,
        icon: str | None = None,
        default_open: bool = False,
        auto_collapse: bool = False,
        show_input: bool | str = "json",
        thread_id: str | None = None,
    ) -> None:
        super().__init__(id, parent_id)
        self.name = name
        self.type: StepType = type
        self.elements = elements or []
        self.metadata = metadata or {}
        self.tags = tags
        self.language = language
        self.icon = icon
        self.default_open = default_open
        self.auto_collapse = auto_collapse
        self.show_input = show_input
        self.thread_id = thread_id
        self.is_error = False
        self.generation: dict[str, Any] | None = None
        self.start: str | None = None
        self.end: str | None = None
        self._is_entered = False
        self._outer: str | None = None

    @property
    def input(self) -> str:
        return self._text("input")

    @input.setter
    def input(self, value: Any) -> None:
        self._set_text("input", _as_text(value)[0])

    @property
    def output(self) -> str:
        return self._text("output")

    @output.setter
    def output(self, value: Any) -> None:
        text, language = _as_text(value)
        self._set_text("output", text)
        if language is not None and self.language is None:
            self.language = language

    def _fields(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "name": self.name,
            "input": self.input,
            "output": self.output,
            "language": self.language,
            "show_input": self.show_input,
            "is_error": self.is_error,
            "start": self.start,
            "icon": self.icon,
            "default_open": self.default_open,
            "auto_collapse": self.auto_collapse,
            "generation": self.generation,
            "metadata": self.metadata or None,
            "tags": self.tags,
        }

    def _open(self, session: Session, run: Run | None, step: StepNoun) -> None:
        session.append(StepOpened(step=step))

    async def send(self) -> Step:
        """Show the step. It is open until `update`, the end of its `with` block or of its run."""
        self.start = self.start or timestamp()
        if self._session is None:
            await self._store(context.session)
            self._attach(self._send(end=self.end))
        return self

    async def stream_token(self, token: str, is_sequence: bool = False, is_input: bool = False) -> None:
        """Add `token` to the output (or input), or replace it all with `is_sequence`."""
        self.start = self.start or timestamp()
        await self._stream(token, "input" if is_input else "output", is_sequence)

    async def update(self) -> bool:
        """Show what has changed. Outside its `with` block this also closes the step."""
        session = self._require_sent("update")
        await self._store(session)
        self._update()
        self._attach(session)
        return True

    def _update(self) -> None:
        session = self._require_sent("update")
        changes = self._changes()
        if self._is_entered:
            if changes != StepFields():
                session.append(StepPatched(id=self.id, set=changes))
            return
        self.end = self.end or timestamp()
        session.append(StepClosed(id=self.id, end=self.end, is_error=self.is_error, set=changes))

    def __enter__(self) -> Step:
        self.start = timestamp()
        self._outer = current_step.get()
        if self._session is None:
            self._send()
        current_step.set(self.id)
        self._is_entered = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave(error)
        session = self._session
        if session is not None and self._unsent:
            self._attach_soon(session)

    def _attach_soon(self, session: Session) -> None:
        """Show the elements of a step that ends in blocking code: at once in a thread, else by a task of the run."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            run_sync(self._store_and_attach(session))
        else:
            loop.create_task(self._store_and_attach(session), name="convo-elements")  # noqa: RUF006 - its run owns it

    def _leave(self, error: BaseException | None) -> None:
        self._is_entered = False
        current_step.set(self._outer)
        if isinstance(error, Exception):
            self.is_error = True
            self.output = str(error) or type(error).__name__
        self.end = timestamp()
        session = self._session
        if session is not None:
            run = session.state.runs.get(run_.id) if (run_ := current_run.get()) is not None else None
            if run is None or run.status in ("running", "done"):  # else its end has closed the step already
                self._update()

    async def __aenter__(self) -> Step:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave(error)
        session = self._session
        if session is not None and self._unsent:
            await self._store_and_attach(session)


def _as_text(value: Any) -> tuple[str, str | None]:
    """A value as the text to show, and its language when it is not plain text."""
    if value is None:
        return "", None
    if isinstance(value, str):
        return value, None
    if isinstance(value, dict | list | tuple):
        try:
            return json.dumps(value, indent=4, ensure_ascii=False, default=str), "json"
        except (TypeError, ValueError, RecursionError):
            return str(value), "text"
    return str(value), None


@overload
def step(function: F, /) -> F: ...


@overload
def step(
    *,
    name: str | None = None,
    type: StepType = "undefined",
    id: str | None = None,
    parent_id: str | None = None,
    tags: list[str] | None = None,
    metadata: dict[str, Any] | None = None,
    language: str | None = None,
    icon: str | None = None,
    default_open: bool = False,
    auto_collapse: bool = False,
    show_input: bool | str = "json",
) -> Callable[[F], F]: ...


def step(function: Any = None, /, *, name: str | None = None, **options: Any) -> Any:
    """Make each call of a function, coroutine, generator or async generator a step.

    Its arguments are the input, what it returns (or the text it yields, as it yields it) the output.
    """
    if function is None:
        return functools.partial(step, name=name, **options)
    make = functools.partial(Step, name=name or function.__name__, **options)
    for accepts, wrap in _WRAPPERS:
        if accepts(function):
            return wrap(function, make)
    return _wrap_function(function, make)


def _describe(function: Callable[..., Any], args: Any, kwargs: Any) -> dict[str, Any]:
    try:
        bound = inspect.signature(function).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return {"args": args, "kwargs": kwargs}
    return {key: value for key, value in bound.arguments.items() if key not in ("self", "cls")}


def _wrap_function(function: Callable[..., Any], make: Callable[[], Step]) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        work = make()
        work.input = _describe(function, args, kwargs)
        with work:
            result = function(*args, **kwargs)
            if not work.output and result is not None:
                work.output = result
            return result

    return wrapper


def _wrap_coroutine(function: Callable[..., Any], make: Callable[[], Step]) -> Any:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        work = make()
        work.input = _describe(function, args, kwargs)
        async with work:
            result = await function(*args, **kwargs)
            if not work.output and result is not None:
                work.output = result
            return result

    return wrapper


def _wrap_generator(function: Callable[..., Any], make: Callable[[], Step]) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Iterator[Any]:
        work = make()
        work.input = _describe(function, args, kwargs)
        with work:
            for piece in function(*args, **kwargs):
                if isinstance(piece, str) and piece:
                    work._append_delta(piece, "output")
                yield piece

    return wrapper


def _wrap_async_generator(function: Callable[..., Any], make: Callable[[], Step]) -> Any:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        work = make()
        work.input = _describe(function, args, kwargs)
        async with work:
            async for piece in function(*args, **kwargs):
                if isinstance(piece, str):
                    await work.stream_token(piece)
                yield piece

    return wrapper


_WRAPPERS: tuple[tuple[Callable[[Any], bool], Callable[[Any, Any], Any]], ...] = (
    (inspect.isasyncgenfunction, _wrap_async_generator),
    (inspect.iscoroutinefunction, _wrap_coroutine),
    (inspect.isgeneratorfunction, _wrap_generator),
)
