"""Steps: timed, nested pieces of work, shown as they happen."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Mapping
from types import TracebackType
from typing import Any, Literal, TypeVar, get_args, overload

import msgspec

from convo.aio import run_sync
from convo.context import context
from convo.element import Element
from convo.errors import RunEnded
from convo.generation import BaseGeneration, generation_noun
from convo.icon import check_icon
from convo.portrait import portray
from convo.prices import awaits_table, cost_of, load_table
from convo.protocol import Generation as GenerationNoun
from convo.protocol import Step as StepNoun
from convo.protocol import StepClosed, StepFields, StepOpened, StepPatched, timestamp
from convo.run import Run, current_run, current_step
from convo.session import Session, current_session
from convo.streamed import Streamed
from convo.thread import StepDict

__all__ = ["STEP_TYPES", "Step", "StepDict", "StepType", "step"]

MAX_PIECES = 1000  # that a generator yields and that are no text: more are not kept

StepType = Literal["run", "tool", "llm", "embedding", "retrieval", "rerank", "undefined"]
STEP_TYPES: tuple[str, ...] = get_args(StepType)
F = TypeVar("F", bound=Callable[..., Any])


def price_soon(
    session: Session, run: Run | None, step_id: str, shown: GenerationNoun, asked: BaseGeneration | None = None
) -> None:
    """Show what a generation cost as soon as the table of prices is loaded, if that is what it waits for.

    `shown` is what readers see of it, `asked` all of it where that is more.
    """
    if run is None or shown.cost is not None or not awaits_table(shown):
        return

    async def put() -> None:
        await load_table()
        cost = cost_of(asked or shown, session.config.prices)
        if cost is not None:
            fields = StepFields(generation=msgspec.structs.replace(shown, cost=cost))
            with contextlib.suppress(RunEnded):
                session.log.append(StepPatched(id=step_id, set=fields), writer=run.id)

    session.store_soon(run, put)


class Step(Streamed):
    """A timed, nested piece of work.

    Use it as `with` or `async with`, or call `send` and `update` yourself. Its parent is the step that is open in the
    same context, which is right under `asyncio.gather`, in nested tasks and in threads. An exception that leaves the
    block marks the step and goes on.

    `input` and `output` take any value: what is no text is shown as JSON, whatever is in it. `show_input`: `"json"` or
    another language shows the input in it, `True` as text, `False` hides it. `icon` is a Lucide name or an image's
    address.
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
        if type not in STEP_TYPES:
            raise ValueError(f"There is no step of the type `{type}`; take one of {', '.join(STEP_TYPES)}.")
        self.name = name
        self.type: StepType = type
        self.elements = elements or []
        self.metadata = dict(metadata or {})
        self.tags = tags
        self.language = language
        self.icon = icon
        check_icon(icon)
        self.default_open = default_open
        self.auto_collapse = auto_collapse
        self.show_input = show_input
        self.thread_id = thread_id
        self.is_error = False
        self.start: str | None = None
        self.end: str | None = None
        self._generation: BaseGeneration | Mapping[str, Any] | None = None
        self._derived: str | None = None  # the language that the output's own kind gave it
        self._is_entered = False
        self._outer: Step | None = None

    @property
    def input(self) -> str:
        return self._text("input")

    @input.setter
    def input(self, value: Any) -> None:
        self._set_text("input", portray(value)[0])

    @property
    def output(self) -> str:
        return self._text("output")

    @output.setter
    def output(self, value: Any) -> None:
        text, language = portray(value)
        self._set_text("output", text)
        if self.language is None or self.language == self._derived:
            self.language = self._derived = language

    @property
    def generation(self) -> BaseGeneration | Mapping[str, Any] | None:
        """What a model was asked and said: a `ChatGeneration`, a `CompletionGeneration` or a dict of their fields.

        Setting one of other fields or types raises `TypeError`.
        """
        return self._generation

    @generation.setter
    def generation(self, value: BaseGeneration | Mapping[str, Any] | None) -> None:
        generation_noun(value)
        self._generation = value

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
            "generation": self._priced(),
            "metadata": self.metadata or None,
            "tags": self.tags,
        }

    def _priced(self) -> GenerationNoun | None:
        """The generation, with what it cost if that is known and not said."""
        noun, session = generation_noun(self._generation), self._session or current_session.get()
        if noun is None or noun.cost is not None or session is None:
            return noun
        return msgspec.structs.replace(noun, cost=cost_of(noun, session.config.prices))

    def _open(self, session: Session, run: Run | None, step: StepNoun) -> None:
        if self.thread_id not in (None, session.thread_id):
            raise ValueError(
                f"The step `{self.name}` is of the thread `{self.thread_id}`; send it inside"
                " `async with app.thread(thread_id)`."
            )
        self.thread_id = session.thread_id
        session.append(StepOpened(step=step))

    async def send(self) -> Step:
        """Show the step. It is open until `update`, the end of its `with` block or of its run."""
        self.start = self.start or timestamp()
        if self._session is None:
            await self._store(context.session)
            self._attach(self._send(end=self.end))
        return self

    async def stream_token(self, token: str | None, is_sequence: bool = False, is_input: bool = False) -> None:
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
        if (noun := self._sent["generation"]) is not None:
            price_soon(session, current_run.get(), self.id, noun)
        if self._is_entered:
            if changes != StepFields():
                session.append(StepPatched(id=self.id, set=changes))
            return
        self.end = self.end or timestamp()
        session.append(StepClosed(id=self.id, end=self.end, is_error=self.is_error, set=changes))

    def __enter__(self) -> Step:
        self._begin()
        self._outer = current_step.get()
        current_step.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        current_step.set(self._outer)
        self._finish(error)

    async def __aenter__(self) -> Step:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        current_step.set(self._outer)
        self._end(error)
        await self._attach_rest()

    @contextlib.contextmanager
    def _around(self) -> Iterator[None]:
        """The step is the open one in here: for a generator, whose caller goes on between two pieces."""
        outer = current_step.get()
        current_step.set(self)
        try:
            yield
        finally:
            current_step.set(outer)

    def _begin(self) -> None:
        self.start = timestamp()
        if self._session is None:
            self._send()
        self._is_entered = True

    def _end(self, error: BaseException | None) -> None:
        self._is_entered = False
        if isinstance(error, Exception):
            self._mark(error)
        self.end = timestamp()
        session = self._session
        if session is not None:
            run = session.state.runs.get(run_.id) if (run_ := current_run.get()) is not None else None
            if run is None or run.status in ("running", "done"):  # else its end has closed the step already
                self._update()

    def _mark(self, error: Exception) -> None:
        """Show what went wrong, below what had come out by then."""
        self.is_error = True
        text = portray(error)[0].removeprefix(f"{type(error).__name__}: ")
        self.output = f"{self.output}\n\n{text}" if self.output else text

    def _finish(self, error: BaseException | None) -> None:
        """End it from blocking code."""
        self._end(error)
        session = self._session
        if session is not None and self._unsent:
            self._attach_soon(session)

    async def _attach_rest(self) -> None:
        session = self._session
        if session is not None and self._unsent:
            await self._store_and_attach(session)

    def _attach_soon(self, session: Session) -> None:
        """Show the elements of a step that ends in blocking code: at once in a thread, else by a task of the run."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            run_sync(self._store_and_attach(session))
        else:
            loop.create_task(self._store_and_attach(session), name="convo-elements")  # noqa: RUF006 - its run owns it


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


def step(
    function: Any = None,
    /,
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
) -> Any:
    """Make each call of a function, coroutine, generator or async generator a step.

    Its arguments are the input, what it returns (or yields, as it yields it) the output. Outside a callback, as in a
    test of its own, the function runs as if it were not decorated.
    """
    options: dict[str, Any] = {
        "type": type,
        "id": id,
        "parent_id": parent_id,
        "tags": tags,
        "metadata": metadata,
        "language": language,
        "icon": icon,
        "default_open": default_open,
        "auto_collapse": auto_collapse,
        "show_input": show_input,
    }
    if function is None:
        return functools.partial(step, name=name, **options)
    Step(**options)  # a mistake is told here, not at the first call
    make = functools.partial(Step, name=name or getattr(function, "__name__", None) or "Step", **options)
    for accepts, wrap in _WRAPPERS:
        if accepts(function):
            return wrap(function, make)
    return _wrap_function(function, make)


def _step_of(make: Callable[[], Step], function: Callable[..., Any], args: Any, kwargs: Any) -> Step | None:
    """The step of a call; none outside a callback."""
    if current_session.get() is None:
        return None
    work = make()
    work.input = _describe(function, args, kwargs) or None
    return work


def _describe(function: Callable[..., Any], args: Any, kwargs: Any) -> dict[str, Any]:
    try:
        bound = inspect.signature(function).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return {"args": args, "kwargs": kwargs}
    return {key: value for key, value in bound.arguments.items() if key not in ("self", "cls")}


def _wrap_function(function: Callable[..., Any], make: Callable[[], Step]) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        work = _step_of(make, function, args, kwargs)
        if work is None:
            return function(*args, **kwargs)
        with work:
            result = function(*args, **kwargs)
            _show_result(work, result)
            return result

    return wrapper


def _wrap_coroutine(function: Callable[..., Any], make: Callable[[], Step]) -> Any:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        work = _step_of(make, function, args, kwargs)
        if work is None:
            return await function(*args, **kwargs)
        async with work:
            result = await function(*args, **kwargs)
            _show_result(work, result)
            return result

    return wrapper


def _wrap_generator(function: Callable[..., Any], make: Callable[[], Step]) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        work = _step_of(make, function, args, kwargs)
        if work is None:
            return (yield from function(*args, **kwargs))
        pieces = _Pieces(work)
        error: BaseException | None = None
        work._begin()
        try:
            with work._around():
                generator = function(*args, **kwargs)
            go_on: Callable[[], Any] = functools.partial(next, generator)
            while True:
                try:
                    with work._around():
                        piece = go_on()
                except StopIteration as stop:
                    pieces.end(stop.value)
                    return stop.value
                text = pieces.take(piece)
                if text:
                    work._append_delta(text, "output")
                try:
                    go_on = functools.partial(generator.send, (yield piece))
                except GeneratorExit:
                    with work._around():
                        generator.close()
                    raise
                except BaseException as thrown:  # what the caller throws is the generator's to handle
                    go_on = functools.partial(generator.throw, thrown)
        except BaseException as raised:
            error = raised
            raise
        finally:
            work._finish(error)

    return wrapper


def _wrap_async_generator(function: Callable[..., Any], make: Callable[[], Step]) -> Any:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        work = _step_of(make, function, args, kwargs)
        generator = function(*args, **kwargs)
        if work is None:
            async for piece in generator:
                yield piece
            return
        pieces = _Pieces(work)
        error: BaseException | None = None
        work._begin()
        try:
            go_on: Callable[[], Awaitable[Any]] = generator.__anext__
            while True:
                try:
                    with work._around():
                        piece = await go_on()
                except StopAsyncIteration:
                    pieces.end(None)
                    return
                text = pieces.take(piece)
                if text:
                    await work.stream_token(text)
                try:
                    go_on = functools.partial(generator.asend, (yield piece))
                except GeneratorExit:
                    with work._around():
                        await generator.aclose()
                    raise
                except BaseException as thrown:  # as above
                    go_on = functools.partial(generator.athrow, thrown)
        except BaseException as raised:
            error = raised
            raise
        finally:
            work._end(error)
            await work._attach_rest()

    return wrapper


def _show_result(work: Step, result: Any) -> None:
    """Show what a function returned, unless it set an output itself."""
    if result is not None and not work.output:
        work.output = result


class _Pieces:
    """What a generator yields: text streams, the rest is shown as a list at the end."""

    def __init__(self, work: Step) -> None:
        self._work = work
        self._others: list[Any] = []

    def take(self, piece: Any) -> str:
        """The text to stream for a piece."""
        if isinstance(piece, str):
            return piece
        if piece is not None and len(self._others) < MAX_PIECES:
            self._others.append(piece)
        return ""

    def end(self, result: Any) -> None:
        _show_result(self._work, result if result is not None else self._others or None)


_WRAPPERS: tuple[tuple[Callable[[Any], bool], Callable[[Any, Any], Any]], ...] = (
    (inspect.isasyncgenfunction, _wrap_async_generator),
    (inspect.iscoroutinefunction, _wrap_coroutine),
    (inspect.isgeneratorfunction, _wrap_generator),
)
