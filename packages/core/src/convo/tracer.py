"""The tracer: what frameworks say of their work, as steps of the current run.

`convo.testing.TracerSuite` is its contract as tests.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar
from weakref import ref

from convo.context import Place, context, innermost
from convo.element import Element, File, Text
from convo.errors import RunEnded
from convo.excerpt import Excerpt, GenerationExcerpt, Uncaptured, excerpt, generation_excerpt, plain_fields
from convo.generation import BaseGeneration
from convo.message import Message
from convo.portrait import portray
from convo.prices import cost_of
from convo.protocol import Step as StepNoun
from convo.protocol import StepClosed, StepDelta, StepFields, StepOpened, StepPatched, new_id, timestamp, well_formed
from convo.run import Run, current_run, current_step
from convo.session import Session, current_session
from convo.step import STEP_TYPES, Step, StepType, price_soon

__all__ = ["Tracer", "Uncaptured"]

logger = logging.getLogger("convo.tracer")

NAME_LENGTH = 200
_ANSWER = "answer"
_asking: ContextVar[tuple[Hashable, ...]] = ContextVar("convo_asking", default=())
"""The nodes of models that began in this code, and may go on."""
P = ParamSpec("P")
T = TypeVar("T")


def _harmless(method: Callable[..., T]) -> Callable[..., T | None]:
    """Whatever goes wrong in here is no business of the app, which is being watched: it is logged."""

    @functools.wraps(method)
    def wrapper(self: Tracer, *args: Any, **kwargs: Any) -> T | None:
        try:
            return method(self, *args, **kwargs)
        except RunEnded:
            return None
        except Exception as error:
            self._complain(error)
            return None

    return wrapper


class Tracer:
    """Turns a framework's own notices (something begins, goes on, ends) into steps of the current run.

    The framework's `id` names a node, its `parent` the one around it; what has none hangs under the step that is open
    in the context. All methods may be called from any thread, do nothing outside a callback, and never raise. A node
    is forgotten when it ends, and with its run at the latest; whatever is said of it after that is nothing.

    `locate` returns the id of the node that the running code is in, where the framework keeps that in its context:
    then `Step`s and other frameworks' nodes hang under it. With `integration`, it traces only in apps whose settings
    turn that on: for what is installed once for the whole process.
    """

    def __init__(
        self, framework: str, *, locate: Callable[[], Hashable | None] | None = None, integration: str | None = None
    ) -> None:
        self.framework = framework
        self.integration = integration
        self._locate = locate
        self._nodes: dict[Hashable, ref[_Node]] = {}  # of all runs, which own them
        self._complaints: set[tuple[type[Exception], int]] = set()
        self._lock = threading.Lock()

    def open(
        self,
        id: Hashable,
        name: str,
        *,
        parent: Hashable | None = None,
        type: StepType = "undefined",
        input: Any = None,
        show_input: bool | str = "json",
        generation: BaseGeneration | Uncaptured | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Sequence[str] | None = None,
        memo: dict[str, Any] | None = None,
    ) -> str | None:
        """A node begins: show its step, with its input as `Step.input` takes it. Returns the step's id.

        `generation` is what a model is asked, as far as it is known; `memo` is the adapter's own, for `Tracer.memo`.
        `None` outside a callback. An id that is open already is left alone, so that two handlers of one framework show
        one tree.
        """
        try:
            node = self._take_in(id, parent)
            if node is None:
                return None
            if type == "llm":
                node.ask(id)
            node.memo = memo
            return node.open(name, type, input, show_input, generation, metadata, tags)
        except RunEnded:
            return None
        except Exception as error:  # as in `_harmless`, without its cost, as in the other methods that all nodes need
            self._complain(error)
            return None

    @_harmless
    def skip(self, id: Hashable, *, parent: Hashable | None = None, memo: dict[str, Any] | None = None) -> None:
        """A node begins that is not shown: what is in it hangs where it would."""
        node = self._take_in(id, parent)
        if node is not None:
            node.memo = memo

    def alias(self, id: Hashable, parent: Hashable) -> None:
        """`id` is no node, but what names it as its parent hangs where the open node `parent` is, while the run lasts.

        As `skip`, for what needs neither a memo nor an end: it costs next to nothing.
        """
        node = self._node(parent)
        if node is not None:
            node.run.traced[id] = node.inner_id

    def delta(self, id: Hashable, text: str) -> None:
        """A piece of the node's output. Nothing of it is shown before the end where texts are redacted."""
        known = self._nodes.get(id)  # pieces are many: what follows makes no call that it can do without
        node = None if known is None else known()
        if node is None or not text or node.step_id is None:
            return
        if node.first_at is None:
            node.first_at = time.monotonic()
        if node.is_mute:
            return
        try:
            if type(text) is not str:
                text = str(text)
            if not text.isascii():
                text = well_formed(text)
            if len(text) > node.room:
                text = text[: node.room] + "\n…"
                node.is_mute = True
            node.room -= len(text)
            node.session.log.append(StepDelta(id=node.step_id, field="output", text=text), writer=node.run.id)
        except RunEnded:
            node.is_mute = True
        except Exception as error:
            self._complain(error)

    @_harmless
    def patch(
        self,
        id: Hashable,
        *,
        name: str | None = None,
        input: Any = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """More became known of a node that goes on."""
        node = self._node(id)
        if node is None or node.step_id is None:
            return
        fields: dict[str, Any] = {}
        shown = None if input is None else node.excerpt(input)
        if name is not None:
            fields["name"] = node.name = _name(name)
        if shown is not None:
            # As in `open`: text is no JSON.
            fields |= {"input": shown.text, "show_input": "json" if shown.language else True}
        if metadata:
            fields["metadata"] = node.more_metadata(metadata)
        if not fields:
            return
        node.append(StepPatched(id=node.step_id, set=StepFields(**fields)))
        if shown is not None and shown.whole is not None:
            node.attach([_whole("input", shown)])

    def close(
        self,
        id: Hashable,
        output: Any = None,
        *,
        generation: BaseGeneration | Uncaptured | None = None,
        elements: Sequence[Element] = (),
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """A node ends. `output` is all of it; without one, what was streamed stays.

        The time to the first piece and the duration are put into a `generation` that says neither. `elements` are
        shown with the step.
        """
        try:
            node = self._pop(id)
            if node is not None:
                node.close(output, generation, elements, metadata)
        except RunEnded:
            pass
        except Exception as error:
            self._complain(error)

    @_harmless
    def fail(
        self,
        id: Hashable,
        error: BaseException | str,
        *,
        generation: BaseGeneration | Uncaptured | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """A node ends with an error, which is shown below what was streamed."""
        node = self._pop(id)
        if node is not None:
            text = portray(error)[0]
            node.close("\n\n".join(filter(None, [node.streamed, text])), generation, (), metadata, is_error=True)

    @_harmless
    def cancel(self, id: Hashable, output: Any = None) -> None:
        """A node ends because somebody stopped it: that is no error. `output` is what had come, as in `close`."""
        node = self._pop(id)
        if node is not None:
            node.close(output, None, (), {"cancelled": True})

    @_harmless
    def abandon(self, id: Hashable, output: Any = None) -> None:
        """As `cancel`, when the loop comes to it: for what the collector of garbage says, in the middle of anything."""
        node = self._node(id)
        if node is not None:
            node.session.call_soon(functools.partial(self.cancel, id, output))

    @_harmless
    def say(self, id: Hashable, text: str) -> None:
        """Stream a piece of an answer of the app's, in a message of its own beside the steps.

        `id` is any name for the answer, which `said` completes. It is written by the run of the context.
        """
        run = current_run.get()
        if run is None or current_session.get() is None or not text:
            return
        message = run.traced.get((_ANSWER, id))
        if not isinstance(message, Message):
            message = Message()
            message.author = context.session.config.project.name
            run.traced[_ANSWER, id] = message
        message._append_delta(text, "output")

    @_harmless
    def said(self, id: Hashable) -> None:
        """The answer `id` is complete."""
        run = current_run.get()
        message = None if run is None else run.traced.pop((_ANSWER, id), None)
        if isinstance(message, Message) and message._session is not None:
            message._session.append(StepClosed(id=message.id, end=timestamp(), is_error=False, set=StepFields()))

    def step_id(self, id: Hashable) -> str | None:
        """The id of an open node's step; of one that is skipped, that of the step around it."""
        node = self._node(id)
        return None if node is None else node.inner_id

    def memo(self, id: Hashable) -> dict[str, Any] | None:
        """What the adapter noted of an open node; `None` for one that is not known here."""
        node = self._node(id)
        return None if node is None else node.memo

    def is_streaming(self, id: Hashable) -> bool:
        """Whether an open node has had a piece of output."""
        node = self._node(id)
        return node is not None and node.first_at is not None

    @_harmless
    def take_part(self) -> _Node | None:
        """The node of a model in which a client is about to ask it: it shows already what the client's would.

        A framework's node stands for one exchange of a client, with no step in between. `None` where there is none.
        """
        run, session = current_run.get(), current_session.get()
        ids = _asking.get()
        if run is None or session is None or not ids or not self._is_on(session):
            return None
        here = innermost(run, current_step.get())
        for id in ids:
            node = run.traced.get(id)
            if isinstance(node, _Node) and not node.is_shared and (here is node.asked_in or here is node):
                node.is_shared = True
                return node
        return None

    def is_open(self, id: Hashable) -> bool:
        """Whether a node is known here: began in a callback, and has not ended."""
        return self._node(id) is not None

    def capture(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Uncaptured:
        """What `function` makes of a framework's objects; if it raises, what to show in its place."""
        try:
            return function(*args, **kwargs)
        except Exception as error:
            return self.uncaptured(error)

    def uncaptured(self, error: Exception) -> Uncaptured:
        """What to show in the place of what could not be captured; the error is logged."""
        self._complain(error)
        return Uncaptured.because(portray(error)[0][:500])

    def _node(self, id: Hashable) -> _Node | None:
        known = self._nodes.get(id)
        return None if known is None else known()

    def _take_in(self, id: Hashable, parent: Hashable | None) -> _Node | None:
        """A new node; `None` outside a callback, and for one that is open."""
        run, session = current_run.get(), current_session.get()
        above: _Node | str | None = None
        if parent is not None:
            known = self._nodes.get(parent)
            above = None if known is None else known()
            if above is not None:
                run, session = above.run, above.session  # also in a thread that has no context
            elif run is not None:
                above = run.traced.get(parent)
        if session is None or run is None or isinstance(run.traced.get(id), _Node):
            return None
        if self.integration is not None and not self._is_on(session):
            return None
        outer, guides = current_step.get(), run.guides
        if self._locate is not None and self._locate not in guides:
            guides[self._locate] = functools.partial(_guide, run.traced, self._locate)
        if len(guides) > (self._locate is not None):
            outer = innermost(run, outer, besides=self._locate)
        run.traced[id] = node = _Node(session, run, above, outer)
        self._nodes[id] = ref(node, functools.partial(self._nodes.pop, id))
        return node

    def _is_on(self, session: Session) -> bool:
        return self.integration is None or bool(session.config.integrations.get(self.integration))

    def _pop(self, id: Hashable) -> _Node | None:
        """Forget a node that ends. `None` for one that is not shown."""
        known = self._nodes.pop(id, None)
        node = None if known is None else known()
        if node is None:
            return None
        node.run.traced[id] = node.step_id or node.parent_id  # what comes below it afterwards still has its place
        return None if node.step_id is None else node

    def _complain(self, error: Exception) -> None:
        """Once of a kind: a mistake in capturing comes with every step."""
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        place = (type(error), 0 if frame is None else frame.tb_lineno)
        with self._lock:
            is_known = place in self._complaints
            self._complaints.add(place)
        if not is_known:
            logger.warning("Tracing %s: not everything could be captured", self.framework, exc_info=error)


class _Node:
    """What is open: a step in the log, or one that is skipped."""

    __slots__ = (
        "__weakref__",
        "_as_step",
        "above",
        "asked_in",
        "beneath",
        "first_at",
        "is_mute",
        "is_shared",
        "limit",
        "memo",
        "metadata",
        "name",
        "opened_at",
        "outer",
        "room",
        "run",
        "session",
        "shown",
        "started_at",
        "step_id",
        "type",
    )

    def __init__(self, session: Session, run: Run, above: _Node | str | None, outer: Step | Place | None) -> None:
        self.session = session
        self.run = run
        self.above = above  # the node around it, by the framework; its step's id, if it has ended
        self.outer = outer  # what it hangs under, if there is no such node
        self.limit = self.room = session.config.limits.traced_bytes
        self.is_mute = session.callbacks.redact is not None  # its deltas are not shown
        self.step_id: str | None = None
        self.name = ""
        self.type: StepType = "undefined"
        self.memo: dict[str, Any] | None = None
        self.metadata: dict[str, Any] | None = None
        self.started_at = ""
        self.shown: GenerationExcerpt | None = None  # what is shown of its generation
        self.opened_at = time.monotonic()
        self.first_at: float | None = None
        self.asked_in: Step | Place | None = None  # of a model's: where the code was
        self.is_shared = False  # whether a client's exchange is in it
        self.beneath: BaseGeneration | None = None  # what that came to
        self._as_step: Step | None = None

    @property
    def parent_id(self) -> str | None:
        """The id of the step that it hangs under."""
        if self.above is not None:
            return self.above.inner_id if isinstance(self.above, _Node) else self.above
        return None if self.outer is None else self.outer.id

    @property
    def inner_id(self) -> str | None:
        """The id of the step that what is in it hangs under."""
        return self.step_id or self.parent_id

    @property
    def id(self) -> str:
        assert self.step_id is not None  # only what is shown is a place
        return self.step_id

    @property
    def place(self) -> _Node | None:
        """Where code is that is in it. `None` if neither it nor a node around it is shown."""
        if self.step_id is not None:
            return self
        return self.above.place if isinstance(self.above, _Node) else None

    @property
    def as_step(self) -> Step:
        if self._as_step is None:
            step = Step(self.name, self.type, id=self.step_id, parent_id=self.parent_id)
            step.start = step.created_at = self.started_at
            step._session, step._sent, step._is_entered = self.session, step._fields(), True
            self._as_step = step
        return self._as_step

    def ask(self, id: Hashable) -> None:
        """A model is about to be asked by what comes in this code."""
        traced, asking = self.run.traced, _asking.get()
        _asking.set((*[one for one in asking if isinstance(traced.get(one), _Node)], id) if asking else (id,))
        self.asked_in = innermost(self.run, current_step.get())

    @property
    def streamed(self) -> str:
        """What was shown of its output."""
        if self.first_at is None:
            return ""
        with self.session.log.lock:  # reading puts the pieces together, which readers in other threads do, too
            entry = self.session.state.steps.get(self.step_id or "")
            return "" if entry is None else entry.step.output

    def open(
        self,
        name: str,
        type: StepType,
        input: Any,
        show_input: bool | str,
        generation: BaseGeneration | Uncaptured | None,
        metadata: Mapping[str, Any] | None,
        tags: Sequence[str] | None,
    ) -> str:
        session, run = self.session, self.run
        self.name = name = _name(name)
        self.type = type if type in STEP_TYPES else "undefined"
        shown = self.excerpt(input)
        told = None if generation is None else self.told(generation)
        parent_id = self.parent_id
        self.step_id = step_id = new_id()
        self.started_at = now = timestamp()
        # Text is no JSON, and neither is the beginning of some.
        as_is = show_input == "json" and shown.language is None
        self.append(
            StepOpened(
                step=StepNoun(
                    id=step_id,
                    type=self.type,
                    name=name,
                    parent_id=parent_id if parent_id in session.state.steps else None,
                    run_id=run.id,
                    input=shown.text,
                    show_input=True if as_is else show_input,
                    created_at=now,
                    start=now,
                    generation=None if told is None else told.generation,
                    metadata=self.more_metadata(metadata) if metadata else None,
                    tags=None if tags is None else [_name(tag) for tag in tags],
                )
            )
        )
        if shown.whole is not None and show_input is not False:
            self.attach([_whole("input", shown)])
        return step_id

    def append(self, event: StepOpened | StepPatched | StepClosed) -> None:
        """What its fields hold came out of `excerpt` and its kin, which make nothing that JSON cannot carry."""
        self.session.log.append(event, writer=self.run.id, is_checked=True)

    def excerpt(self, value: Any) -> Excerpt:
        return excerpt(value, limit=self.limit, redact=self.session.callbacks.redact)

    def more_metadata(self, metadata: Mapping[str, Any]) -> dict[str, Any] | None:
        self.metadata = {**(self.metadata or {}), **metadata}
        return plain_fields(self.metadata, limit=self.limit, redact=self.session.callbacks.redact)

    def close(
        self,
        output: Any,
        generation: BaseGeneration | Uncaptured | None,
        elements: Sequence[Element],
        metadata: Mapping[str, Any] | None,
        *,
        is_error: bool = False,
    ) -> None:
        assert self.step_id is not None
        fields: dict[str, Any] = {}
        attached: list[Element] = []
        try:
            attached = self._fill(fields, output, generation, elements)
            if metadata:
                fields["metadata"] = self.more_metadata(metadata)
        finally:  # whatever went wrong with the rest of it, it has ended
            self.append(StepClosed(id=self.step_id, end=timestamp(), is_error=is_error, set=StepFields(**fields)))
        if attached:
            self.attach(attached)
        if isinstance(generation, BaseGeneration) and (shown := fields.get("generation")) is not None:
            price_soon(self.session, self.run, self.step_id, shown, generation)

    def _fill(
        self,
        fields: dict[str, Any],
        output: Any,
        generation: BaseGeneration | Uncaptured | None,
        elements: Sequence[Element],
    ) -> list[Element]:
        """Put what is known at the end into the step's fields. Returns what to show with it."""
        attached = [self.redacted(element) for element in elements]
        if output is not None:
            shown = self.excerpt(output)
            if shown.text != self.streamed:
                fields["output"] = shown.text
            if shown.language is not None:
                fields["language"] = shown.language
            if shown.whole is not None:
                attached.append(_whole("output", shown))
        if generation is not None:
            told = self.told(generation, is_whole=True)
            fields["generation"] = told.generation
            if told.whole is not None:
                attached.append(File(name="generation.json", content=told.whole, mime="application/json"))
        return attached

    def told(self, generation: BaseGeneration | Uncaptured, *, is_whole: bool = False) -> GenerationExcerpt:
        """A generation; when it is whole, with what only the clock knows, and what it cost."""
        if is_whole and isinstance(generation, BaseGeneration):
            if self.beneath is not None:
                _complete(generation, self.beneath)
            if generation.tt_first_token is None and self.first_at is not None:
                generation.tt_first_token = round((self.first_at - self.opened_at) * 1000, 3)
            if generation.duration is None:
                generation.duration = round(time.monotonic() - self.opened_at, 6)
            if generation.token_throughput_in_s is None and generation.output_token_count and generation.duration:
                generation.token_throughput_in_s = round(generation.output_token_count / generation.duration, 3)
            if generation.cost is None:
                generation.cost = cost_of(generation, self.session.config.prices)
        redact = self.session.callbacks.redact
        self.shown = generation_excerpt(generation, limit=self.limit, redact=redact, before=self.shown)
        return self.shown

    def redacted(self, element: Element) -> Element:
        if isinstance(element.content, str) and self.session.callbacks.redact is not None:
            shown = self.excerpt(element.content)
            element.content = shown.whole or shown.text
        return element

    def attach(self, elements: list[Element]) -> None:
        """Show elements with its step, as soon as they are stored."""
        session, step_id = self.session, self.step_id

        async def put() -> None:
            for element in elements:
                try:
                    await element._store(session)
                    element._put(session, step_id)
                except RunEnded:
                    return
                except Exception as error:  # files that cannot be kept are no business of the app that is watched
                    logger.warning("`%s` of a traced step is not shown: %s", element.name, error)

        session.store_soon(self.run, put)


def _guide(
    traced: Mapping[Hashable, Any], locate: Callable[[], Hashable | None], step: Step | Place | None
) -> Step | Place | None:
    """The node that the running code is in, by its framework, if that is below `step`."""
    node = traced.get(locate())
    return node.place or step if isinstance(node, _Node) and node.outer is step else step


def _complete(generation: BaseGeneration, beneath: BaseGeneration) -> None:
    """Add what only the client of a provider was told."""
    for name in ("model", "input_token_count", "output_token_count", "token_count", "tt_first_token"):
        if getattr(generation, name) is None:
            setattr(generation, name, getattr(beneath, name))
    if usage := (beneath.metadata or {}).get("usage"):
        generation.metadata = {"usage": usage} | (generation.metadata or {})


def _name(value: object) -> str:
    if type(value) is str and len(value) <= NAME_LENGTH and value.isascii():  # most are
        return value
    text = value if type(value) is str else str(portray(value)[0])
    return well_formed(text[:NAME_LENGTH])


def _whole(field: str, shown: Excerpt) -> Element:
    """All of a text that was cut."""
    return Text(name=f"{field}.txt", content=shown.whole, display="side", language="text")
