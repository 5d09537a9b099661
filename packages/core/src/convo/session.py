"""Sessions: one live thread each, with its log, its state and its runs."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec.structs import replace

from convo.aio import event_loop
from convo.audio import Voice
from convo.callbacks import Callbacks
from convo.datalayer import DataLayer
from convo.errors import DataLayerError
from convo.files import Files
from convo.log import EventLog, Subscription, ThreadLog
from convo.mcp import McpConnections
from convo.protocol import (
    MESSAGE_TYPES,
    Action,
    Answer,
    AskClosed,
    CommandError,
    EditMessage,
    ElementPut,
    Event,
    LeafMoved,
    QueuedMessage,
    RunEnded,
    RunError,
    RunQueued,
    RunStarted,
    SendMessage,
    SessionEnded,
    StateFields,
    StatePatched,
    Step,
    StepClosed,
    StepOpened,
    StepType,
    ThreadFields,
    ThreadPatched,
    new_id,
    timestamp,
    well_formed,
)
from convo.questions import Questions, is_answer
from convo.quota import Quota
from convo.ratings import Ratings
from convo.recorder import Recorder
from convo.run import Client, Run, current_run, own_tasks
from convo.state import ThreadState
from convo.uploads import Uploads, element_for
from convo.user import User

if TYPE_CHECKING:
    from convo.config import Config

__all__ = ["Session", "current_session"]

logger = logging.getLogger("convo.session")

OUR_CALLBACKS = ("on_message", "on_chat_start", "on_chat_resume")
"""Callbacks that keep a session busy for the message policy."""

ACTION = "action:"
"""What the name of an action's callback begins with."""

NAMING = "thread_title"
TITLE_LENGTH = 80
_NOBODY = Client()
NOT_STORED = frozenset({"chat_context"})

current_session: ContextVar[Session | None] = ContextVar("convo_session", default=None)


class Session:
    """One live thread. Owned by a `Directory`; used on its event loop, except `append`, which any thread may call."""

    def __init__(
        self,
        state: ThreadState,
        *,
        callbacks: Callbacks,
        config: Config,
        data_layer: DataLayer,
        files: Files,
        owner_id: str,
        process_id: str,
        quota: Quota | None = None,
        changed_at: str | None = None,
        epoch: int | None = None,
        on_saved: Callable[[Session], None] | None = None,
        on_lost: Callable[[Session], object] | None = None,
    ) -> None:
        self.id = new_id()
        self.owner_id = owner_id
        self.participants: set[str] = set()  # principals whom a chat platform has let into this thread's place
        self.is_resumed = epoch is not None
        self.callbacks = callbacks
        self.config = config
        self.log: ThreadLog = EventLog(
            state, tail_events=config.limits.tail_events, tail_bytes=config.limits.tail_bytes
        )
        self.recorder = Recorder(
            self.log,
            data_layer,
            owner_id=owner_id,
            process_id=process_id,
            changed_at=changed_at,
            epoch=epoch,
            on_saved=None if on_saved is None else lambda: on_saved(self),
            on_lost=None if on_lost is None else lambda: on_lost(self),
        )
        self.data_layer = data_layer
        self.files = files
        self.quota = quota or Quota(config)
        self.uploads = Uploads(files, state.thread.id, self.quota)
        self.questions = Questions(self)
        self.voice = Voice(self)
        self.ratings = Ratings(self)
        self._mcp: McpConnections | None = None
        self.connections: dict[str, Client] = {}
        self.readers: dict[str, Subscription] = {}  # of connections
        self.values: dict[str, Any] = {}  # `user_session`
        self.answers: OrderedDict[tuple[str, str], Answer] = OrderedDict()
        self.is_ending = False
        self.ended = asyncio.Event()
        self.active_at = time.monotonic()
        self._runs: dict[str, Run] = {}
        self._waiting: list[tuple[Run, SendMessage]] = []
        self._task: Run | None = None  # shown by `begin_task`
        self._retired: set[Run] = set()  # ended runs whose tasks live on
        self._said_bytes: int | None = None  # by users, in this thread; counted when somebody asks
        self._saved_values: dict[str, bytes] = {}
        self._warned_values: set[str] = set()
        self._storing: set[asyncio.Task[None]] = set()
        self._soon: list[Callable[[], object]] = []  # what `call_soon` has been given
        self._is_woken = False  # the loop will come to that
        self._before_runs: list[Callable[[Run, contextvars.Context], object]] = []  # of observers
        self._loop = asyncio.get_running_loop()
        own_tasks(self._loop)

    def give(self, owner_id: str) -> None:
        """Belong to another principal: what is stored from now on, and what the one before said, is his."""
        before, self.owner_id = self.owner_id, owner_id
        self.recorder.owner_id = owner_id
        answers = [((owner_id if by == before else by, one), answer) for (by, one), answer in self.answers.items()]
        self.answers = OrderedDict(answers)

    def is_own(self, by: str | None, client: Client) -> bool:
        """Whether what `by` said is the client's. In a thread that was given to its owner, all of it is."""
        return by in (None, client.principal_id) or client.principal_id == self.owner_id

    # --- Facts ---

    @property
    def state(self) -> ThreadState:
        return self.log.state

    @property
    def thread_id(self) -> str:
        return self.state.thread.id

    @property
    def is_idle(self) -> bool:
        """No connection, no run queued or running, no ask or call open, everything saved."""
        return (
            not self.connections
            and not self._runs
            and not self._waiting
            and not self._storing
            and not any(ask.outcome is None for ask in self.state.asks.values())
            and not any(call.outcome is None for call in self.state.calls.values())
            and not self.voice.is_open
            and self.recorder.is_saved
        )

    @property
    def is_running(self) -> bool:
        return bool(self._runs)

    @property
    def is_working(self) -> bool:
        """Somebody who asked for something waits for it."""
        return any(run.callback == "on_message" or run.callback.startswith(ACTION) for run in self._runs.values())

    @property
    def runs(self) -> list[Run]:
        """The runs that are going, the oldest first."""
        return list(self._runs.values())

    def run(self, run_id: str) -> Run | None:
        """A run that is going."""
        return self._runs.get(run_id)

    # --- Facts, as the callback that looks sees them ---

    @property
    def client(self) -> Client:
        """The connection whose command started the current run; one of nobody, if there is none."""
        run = current_run.get()
        return _NOBODY if run is None else run.client

    @property
    def user(self) -> User | None:
        return self.client.user

    @property
    def user_env(self) -> dict[str, str]:
        return self.client.env

    @property
    def client_type(self) -> str:
        """`webapp`, `copilot`, `slack` …: the words existing apps compare with."""
        return "webapp" if self.client.type == "web" else self.client.type

    @property
    def chat_profile(self) -> str | None:
        """The name of the profile."""
        return self.state.fields.get("profile")

    @property
    def chat_settings(self) -> dict[str, Any]:
        """The values of the chat settings."""
        settings = self.state.fields.get("settings") or {}
        return dict(settings.get("values") or {})

    # --- MCP ---

    @property
    def mcp(self) -> McpConnections | None:
        """Its connections with MCP servers; `None` where the App has no server."""
        if self._mcp is None and self.callbacks.mcp is not None:
            self._mcp = self.callbacks.mcp(self)
        return self._mcp

    @property
    def mcp_sessions(self) -> Mapping[str, tuple[Any, Any]]:
        """By the name of each MCP server that is connected: its `mcp.ClientSession`, and the connection."""
        return {} if self._mcp is None else self._mcp.sessions

    # --- Writing ---

    def append(self, event: Event) -> int:
        """Append to the log as the run of the current context, or as the session. Raises `RunEnded`."""
        run = current_run.get()
        return self.log.append(event, writer=None if run is None or current_session.get() is not self else run.id)

    def open_message(self, step: Step, run: Run | None = None) -> int:
        """Append a message after the run's tip (or the leaf), and move tip and leaf along."""
        writer = None if run is None else run.id
        with self.log.lock:
            prior = self._place(run)
            seq = self.log.append(StepOpened(step=replace(step, prior_id=prior)), writer=writer)
            if self.state.leaf == prior:
                seq = self.log.append(LeafMoved(id=step.id), writer=writer)
            if run is not None:
                run.tip = step.id
        return seq

    def take_up(self, said: Sequence[tuple[StepType, str]], client: Client) -> None:
        """Begin the conversation with what was said elsewhere, by type and text, the oldest first.

        Nothing of it is answered. A greeting that stands here already is on another branch then. Raises `CommandError`.
        """
        self.take_text(sum(len(text.encode("utf-8", "surrogatepass")) for _, text in said))
        if self.state.leaf is not None:
            self.log.append(LeafMoved(id=None))
        for kind, text in said:
            is_user, now = kind == "user_message", timestamp()
            step = Step(
                id=new_id(),
                type=kind,
                author=client.author if is_user else self.config.project.name,
                by=client.principal_id if is_user else None,
                output=text,
                created_at=now,
                start=now,
                end=now,
            )
            self.open_message(step)

    def _place(self, run: Run | None) -> str | None:
        """The message that a run's next message follows.

        That is its tip, or the leaf when the leaf came after the tip on the same branch: two runs that answer side by
        side make one conversation, while a reader who turned to another branch does not divert the run.
        """
        leaf = self.state.leaf
        if run is None or run.tip == leaf or run.tip not in self.state.steps:
            return leaf
        for step in self.state.walk(leaf):
            if step.id in run.passed:
                return run.tip
            if step.id == run.tip:
                return leaf
        return run.tip

    # --- Messages ---

    def submit(self, message: SendMessage, client: Client) -> int:
        """Take a user's message: start its run, or treat it by the policy for a busy session. Returns its seq."""
        if message.prior_id is not None and not self._is_message(message.prior_id):
            raise CommandError("not-found", "The message to answer to is not in this thread.")
        policy = self.config.features.when_busy
        self._check_memory()
        is_busy = bool(self._waiting) or any(run.callback in OUR_CALLBACKS for run in self._runs.values())
        if is_busy and policy == "reject":
            raise CommandError(
                "conflict", "The app is still working on the last message; try again when it is done.", key="busy"
            )
        if is_busy and policy == "interrupt":
            self._stop_messages(by=client.principal_id)
            is_busy = any(run.callback in OUR_CALLBACKS for run in self._runs.values())
        run = Run("on_message", client=client, trigger=new_id())
        run.files = self.uploads.take(message.files, ask=None, config=self.config)
        seq = self._queue(run, message)
        self.recorder.start()
        if is_busy and policy != "parallel":
            self._waiting.append((run, message))
            return seq
        return self._start_message(run, message)

    def edit(self, edit: EditMessage, client: Client) -> int:
        """Open a sibling of a user's message with another text, and answer it. What else it had comes along."""
        step = self.message(edit.message_id)
        if step.type != "user_message" or not self.is_own(step.by, client):
            raise CommandError("invalid", "Only a message of your own can be edited.")
        if is_answer(step):
            raise CommandError(
                "invalid", "This answered a question that is closed; it cannot be changed any more.", key="closed"
            )
        files = [one for one in self.state.elements.values() if one.for_id == step.id and one.by is not None]
        if not edit.content.strip() and not files:
            raise CommandError("invalid", "A message needs some text.", key="empty")
        self._check_memory()
        self._settle_policy(client)
        run = Run("on_message", client=client, trigger=new_id())
        message = SendMessage(id=edit.id, content=edit.content, command=step.command, modes=step.modes)
        self._queue(run, message)
        self.recorder.start()
        self.log.append(LeafMoved(id=step.prior_id))
        opened = self._open_question(run, message)
        for file in files:
            self.log.append(ElementPut(element=replace(file, id=new_id(), for_id=opened.id)))
        return self._start(run, "on_message", opened)

    def regenerate(self, message_id: str, command_id: str, client: Client) -> int:
        """Answer a user's message again: the new answer is a sibling of the old."""
        step = self._question_of(self.message(message_id))
        self._check_memory()
        self._settle_policy(client)
        run = Run("on_message", client=client, trigger=step.id, tip=step.id)
        steps = self.state.steps.items()
        run.passed = frozenset(step_id for step_id, entry in steps if entry.facts.prior_id == step.id)
        self._queue(run, command_id=command_id)
        self.recorder.start()
        self.log.append(LeafMoved(id=step.id))
        return self._start(run, "on_message", step)

    def _question_of(self, step: Step) -> Step:
        """The user's message that was answered with `step`; `step` itself if it is one."""
        if step.type == "user_message" and not is_answer(step):
            return step
        run = self.state.runs.get(step.run_id or "")
        trigger = run.trigger if run is not None and run.callback == "on_message" else None
        if trigger is None or not self._is_message(trigger):
            raise CommandError("invalid", "This is no answer to a message of yours, so it cannot be given again.")
        return self.message(trigger)

    def take_text(self, size: int) -> None:
        """A user writes so many bytes more into this thread. Raises `CommandError`: `too-large`."""
        limit = self.config.limits.thread_bytes
        if self._said_bytes is None:
            said = [entry.step.output for entry in self.state.steps.values() if entry.facts.type == "user_message"]
            self._said_bytes = sum(len(text.encode("utf-8", "surrogatepass")) for text in said)
        if self._said_bytes + size > limit:
            raise CommandError("too-large", "This chat is full. Begin a new one.", key="full", details={"limit": limit})
        self._said_bytes += size

    def _check_memory(self) -> None:
        if self.state.saved.since is not None and self.recorder.unsaved_bytes > self.config.limits.unsaved_bytes:
            raise CommandError(
                "unavailable",
                "Nothing can be saved at the moment. Your message is kept; try again later.",
                key="unsaved",
            )

    def show_branch(self, leaf_id: str) -> int:
        """Show the branch that ends with `leaf_id`."""
        self.message(leaf_id)
        return self.log.append(LeafMoved(id=leaf_id))

    def _settle_policy(self, client: Client) -> None:
        """An edit or a regenerate replaces an answer that is going, unless the policy refuses it or lets both go on.

        Messages that wait go on waiting: they follow what takes its place.
        """
        policy = self.config.features.when_busy
        going = [run for run in self._runs.values() if run.callback == "on_message"]
        if policy == "reject" and (going or self._waiting):
            raise CommandError(
                "conflict", "The app is still working on the last message; try again when it is done.", key="busy"
            )
        if policy == "interrupt":
            self._stop_messages(by=client.principal_id)
        elif policy == "queue":
            waiting, self._waiting = self._waiting, []
            for run in going:
                self.stop(run.id, by=client.principal_id)
            self._waiting = waiting

    def _queue(self, run: Run, message: SendMessage | None = None, *, command_id: str | None = None) -> int:
        rest = None
        self.quota.runs += 1
        if message is not None:
            rest = QueuedMessage(
                author=run.client.author,
                command=message.command,
                modes=message.modes,
                files=[file.id for file in run.files],
            )
        return self.log.append(
            RunQueued(
                id=run.id,
                callback=run.callback,
                at=timestamp(),
                trigger=run.trigger,
                text=None if message is None else message.content,
                message=rest,
                command_id=command_id if message is None else message.id,
                by=run.client.principal_id,
            )
        )

    def _start_message(self, run: Run, message: SendMessage) -> int:
        """Open the message's step and start its run."""
        step = self._open_question(run, message)
        return self._start(run, "on_message", step)

    def _open_question(self, run: Run, message: SendMessage) -> Step:
        assert run.trigger is not None
        now = timestamp()
        step = Step(
            id=run.trigger,
            type="user_message",
            name="on_message",
            author=run.client.author,
            by=run.client.principal_id,
            command_id=message.id,
            output=message.content,
            created_at=now,
            start=now,
            end=now,
            command=message.command,
            modes=message.modes,
        )
        if self.state.thread.name is None:
            title = " ".join((message.content or ", ".join(file.name for file in run.files)).split())[:TITLE_LENGTH]
            self.log.append(ThreadPatched(set=ThreadFields(name=title or None)))
        if message.prior_id is not None and message.prior_id != self.state.leaf:
            self.log.append(LeafMoved(id=message.prior_id))
        self.open_message(step, None)
        for file in run.files:
            self.log.append(ElementPut(element=element_for(file, step.id, step.by)))
        run.files = []
        run.tip = step.id
        return self.state.steps[step.id].step

    def message(self, message_id: str) -> Step:
        """A message of this thread. Raises `CommandError`."""
        if not self._is_message(message_id):
            raise CommandError("not-found", "There is no such message in this thread.", key="message")
        return self.state.steps[message_id].step

    def _is_message(self, step_id: str) -> bool:
        entry = self.state.steps.get(step_id)
        return entry is not None and entry.facts.type in MESSAGE_TYPES

    # --- Runs ---

    def act(self, action_id: str, client: Client) -> tuple[int, str]:
        """Run the callback of an action that this session offers. Returns the seq and the id of its run."""
        action = self.state.actions.get(action_id)
        if action is None:
            raise CommandError("not-found", "This button is not offered (any more).", key="button")
        return self.run_action(action, client)

    def run_action(self, action: Action, client: Client) -> tuple[int, str]:
        """Run the callback of an action's name. Raises `CommandError` when the app has none."""
        run = self.start(f"{ACTION}{action.name}", action, client=client, trigger=action.id)
        if run is None:
            raise CommandError("unsupported", f"The app has no `action_callback` for `{action.name}`.")
        self.recorder.start()
        return self.log.seq, run.id

    def start(self, callback: str, *args: Any, client: Client | None = None, trigger: str | None = None) -> Run | None:
        """Start a run of a callback at once; `None` when the App has no such callback."""
        if callback not in self.callbacks:
            return None
        run = Run(callback, client=client or Client(), trigger=trigger, tip=self.state.leaf)
        self._queue(run)
        self._start(run, callback, *args)
        return run

    def _start(self, run: Run, callback: str, *args: Any) -> int:
        seq = self.log.append(RunStarted(id=run.id, at=timestamp()))
        self._runs[run.id] = run
        function = self.callbacks.get(callback)

        async def call() -> Any:
            return None if function is None else await function(*args)

        context = contextvars.Context()
        context.run(self.enter, run)
        self._tell_observers(run, context)
        context.run(run.spawn, self._execute(run, call))
        return seq

    def let_observe(self) -> None:
        """Let those read along who said so to the App."""
        for observe in self.callbacks.observers:
            try:
                before_run = observe(self)
            except Exception:  # whoever only watches must not keep anybody from talking
                logger.exception("An observer cannot read along in the session `%s`", self.id)
            else:
                if before_run is not None:
                    self._before_runs.append(before_run)

    def _tell_observers(self, run: Run, context: contextvars.Context) -> None:
        for before_run in self._before_runs:
            try:
                before_run(run, context)
            except Exception:  # as above
                logger.exception("An observer raised an exception before `%s`", run.callback)

    def enter(self, run: Run) -> None:
        """Make the current context that of `run`."""
        current_session.set(self)
        current_run.set(run)
        event_loop.set(asyncio.get_running_loop())

    def store_soon(self, run: Run, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start a task of a run that has something left to store; from any thread. The session's end waits for it."""

        def start() -> None:
            if self.ended.is_set():
                return
            context = contextvars.Context()
            context.run(self.enter, run)
            task = context.run(self._loop.create_task, work(), name="convo-storing")
            self._storing.add(task)
            task.add_done_callback(self._storing.discard)

        self.call_soon(start)

    def call_soon(self, function: Callable[[], object]) -> None:
        """Call `function`, which raises nothing, when the loop comes to it; from any thread, amid anything."""
        self._soon.append(function)
        if not self._is_woken and not self._loop.is_closed():
            self._is_woken = True  # once for all that come meanwhile: waking a loop is a call of the system
            self._loop.call_soon_threadsafe(self._call)

    def _call(self) -> None:
        self._is_woken = False  # before it looks: who comes after that wakes the loop again
        functions = self._soon[:]
        del self._soon[: len(functions)]
        for function in functions:
            function()

    async def _execute(self, run: Run, call: Callable[[], Awaitable[Any]]) -> None:
        status: Literal["done", "failed", "stopped"] = "done"
        error: RunError | None = None
        value: Any = None
        try:
            value = await call()
        except asyncio.CancelledError as cancelled:
            run.raised = type(cancelled)
            status, error = "failed", RunError(id=secrets.token_hex(4), text="The run was cancelled.")
        except Exception as raised:  # the author's code: whatever it raises is shown and logged, never swallowed
            status, error = "failed", self._report(run, raised)
        if run.id in self._runs:
            self._end(run, status, error=error, value=_result(run, value))

    def fail(self, callback: str, raised: Exception, client: Client) -> None:
        """Show and log what a callback raised that has no run of its own: as a run that failed."""
        run = Run(callback, client=client, tip=self.state.leaf)
        self._queue(run)
        self.log.append(RunStarted(id=run.id, at=timestamp()))
        self._runs[run.id] = run
        self._end(run, "failed", error=self._report(run, raised))

    def begin_task(self, run: Run | None) -> None:
        """Show that work goes on, unless `run`, which does it, shows that by itself."""
        if all(going is None or going.id not in self._runs for going in (run, self._task)):
            self._task = Run("task", client=run.client if run is not None else Client(), tip=self.state.leaf)
            self._queue(self._task)
            self.log.append(RunStarted(id=self._task.id, at=timestamp()))
            self._runs[self._task.id] = self._task

    def end_task(self) -> None:
        """What `begin_task` showed is over. Idempotent."""
        task, self._task = self._task, None
        if task is not None and task.id in self._runs:
            self._end(task, "done")

    def _report(self, run: Run, raised: Exception) -> RunError | None:
        """Log an exception with its traceback; what of it readers see depends on whether this is development."""
        if run.id not in self._runs:  # it was stopped, and this is how its code noticed
            return None
        run.raised = type(raised)
        error_id = secrets.token_hex(4)
        logger.error(
            "`%s` raised an exception (error %s)",
            run.callback,
            error_id,
            exc_info=raised,
            extra={"error_id": error_id, "callback": run.callback, "thread_id": self.thread_id},
        )
        if self.config.debug:
            return RunError(id=error_id, text=well_formed(f"{type(raised).__name__}: {raised}"))
        return RunError(
            id=error_id, text="Something went wrong in the app. Its log has the details under this id.", key="app"
        )

    def _end(
        self,
        run: Run,
        status: Literal["done", "failed", "stopped"],
        *,
        by: str | None = None,
        error: RunError | None = None,
        value: Any = None,
    ) -> None:
        """End a run for its readers: close its asks and steps, then the run; then let the next message start."""
        del self._runs[run.id]
        self.quota.runs -= 1
        self._project_values()
        with self.log.lock:  # a thread of the run may write until it has ended, and would open a closed step again
            self._close_run(run.id)
            self.log.append(RunEnded(id=run.id, at=timestamp(), status=status, by=by, error=error, value=value))
        run.ended.set()
        if run.callback == "on_message" and status == "done" and not self.is_ending:
            self._name_thread(run)
        if run.tasks:
            self._retired.add(run)
        self._retired = {retired for retired in self._retired if retired.tasks}
        self.active_at = time.monotonic()
        if not self.is_ending:
            self._start_next()

    def _name_thread(self, run: Run) -> None:
        """After the first answer, ask the author for a title."""
        if NAMING in self.callbacks and all(one.callback != NAMING for one in self.state.runs.values()):
            self.start(NAMING, client=run.client)

    def _close_run(self, run_id: str) -> None:
        now = timestamp()
        for ask in list(self.state.asks.values()):
            if ask.run_id == run_id and ask.outcome is None:
                self.questions.close(AskClosed(id=ask.id, outcome="cancelled"))
        for step_id in self.state.open_steps(run_id):
            self.log.append(StepClosed(id=step_id, end=now, is_error=self.state.steps[step_id].facts.is_error))

    def _start_next(self) -> None:
        if self._waiting and not any(run.callback in (*OUR_CALLBACKS, "on_stop") for run in self._runs.values()):
            run, message = self._waiting.pop(0)
            self._start_message(run, message)

    def stop(self, run_id: str | None, *, by: str | None) -> int:
        """Stop one run, or all of them and the queue. Its readers see it at once; its code is cancelled."""
        if run_id is not None:
            self.dequeue(run_id, by=by, missing_ok=True)
        targets = [run for run in self._runs.values() if run_id in (None, run.id)]
        if run_id is not None and not targets and run_id not in self.state.runs:
            raise CommandError("not-found", "There is no such run in this thread.")
        if run_id is None:
            for run, _ in list(self._waiting):
                self.dequeue(run.id, by=by)
        for run in targets:
            self._stop(run, by)
        seq = self.log.seq
        if targets and not self.is_ending:
            self.start("on_stop", client=targets[0].client)
        self._start_next()
        return seq

    def _stop_messages(self, *, by: str | None) -> None:
        for run, _ in list(self._waiting):
            self.dequeue(run.id, by=by)
        for run in [run for run in self._runs.values() if run.callback == "on_message"]:
            self.stop(run.id, by=by)

    def _stop(self, run: Run, by: str | None) -> None:
        waiting, self._waiting = self._waiting, []  # `on_stop` comes before the next queued message
        self._end(run, "stopped", by=by)
        self._waiting = waiting
        run.cancel()

    def dequeue(self, run_id: str, *, by: str | None, missing_ok: bool = False) -> int:
        """Take a message out of the queue. Raises `CommandError` when it is not in it (any more)."""
        for item in self._waiting:
            if item[0].id == run_id:
                self._waiting.remove(item)
                self.quota.runs -= 1
                self.uploads.give_back(item[0].files)
                return self.log.append(RunEnded(id=run_id, at=timestamp(), status="stopped", by=by))
        if missing_ok:
            return self.log.seq
        if run_id in self.state.runs:
            raise CommandError("conflict", "That message is not waiting any more.", key="notWaiting")
        raise CommandError("not-found", "There is no such message in the queue.")

    def take_window_message(self, data: Any, client: Client) -> int:
        """The page around this one said something: run `on_window_message`. Without one, nobody listens."""
        self.start("on_window_message", data, client=client)
        return self.log.seq

    # --- user_session ---

    def restore_values(self, values: dict[str, Any]) -> None:
        """Take over the JSON part of a stored `user_session`."""
        self.values.update(values)
        self._saved_values = {key: msgspec.json.encode(value) for key, value in values.items()}

    def keep_value(self, key: str, value: Any) -> None:
        """Keep JSON in `user_session` that is to outlive this session, from now on and not from the next run's end."""
        self.values[key] = value
        self._project_values()

    def _project_values(self) -> None:
        """Append the JSON keys of `user_session` that changed, for the Recorder alone."""
        changed: dict[str, Any] = {}
        for key, value in self.values.items():
            if key in NOT_STORED:
                continue
            try:
                encoded = msgspec.json.encode(value)
                plain = msgspec.json.decode(encoded)
            except (TypeError, ValueError, RecursionError, OverflowError, msgspec.MsgspecError):
                continue
            if plain == value and self._saved_values.get(key) != encoded:
                self._saved_values[key] = encoded
                changed[key] = plain
        for key in self._saved_values.keys() - self.values.keys():
            del self._saved_values[key]
            changed[key] = None
        if changed:
            self.log.append(StatePatched(set=StateFields(session=changed)))

    # --- Connections ---

    def join(self, connection_id: str, client: Client, reader: Subscription) -> None:
        """A connection joined; runs `on_connect`."""
        self.connections[connection_id] = client
        self.readers[connection_id] = reader
        self.start("on_connect", client=client)

    def part(self, connection_id: str) -> None:
        """A connection left; runs `on_disconnect`. Nothing else happens."""
        client = self.connections.pop(connection_id, None)
        self.readers.pop(connection_id, None)
        self.active_at = time.monotonic()
        self.voice.part(connection_id)
        if client is not None and not self.is_ending:
            self.start("on_disconnect", client=client)

    def leave(self, client: Client) -> int:
        """The command `leave`: the connection goes elsewhere."""
        if client.connection_id is not None:
            self.part(client.connection_id)
        return self.log.seq

    # --- The end ---

    async def end(self, reason: str, *, grace: float = 5.0) -> None:
        """Stop what is going, run `on_chat_end`, store the rest and free everything. Called once."""
        self.is_ending = True
        for run in self.runs:
            self._stop(run, reason)
        for run, message in list(self._waiting):  # nobody took them back: they stay, without an answer
            self._open_question(run, message)
            self.dequeue(run.id, by=reason)
        await self._finish(self.voice.abort(), reason, grace)
        for rated in await self.ratings.finish(grace):
            await self._finish(rated, reason, grace)
        await self._finish(self.start("on_chat_end"), reason, grace)
        if self._mcp is not None:
            await self._mcp.close(grace)
        await asyncio.sleep(0)  # for what other threads have begun to store
        if self._storing:
            _, late = await asyncio.wait(self._storing, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.recorder.finish(grace)
        await self._release_files()
        for retired in self._retired:
            retired.cancel()
        self._retired.clear()
        self.log.append(SessionEnded(reason=reason))
        self.log.close()
        self.values.clear()
        self.answers.clear()
        self.ended.set()

    async def _release_files(self) -> None:
        """Forget what was not sent, the working copies, and all files of a chat that was never stored."""
        try:
            await self.uploads.close()
            if self.recorder.has_begun:
                await self.files.release(self.thread_id)
            else:
                await self.files.discard_thread(self.thread_id)
        except DataLayerError as error:
            logger.warning("Files of the thread `%s` may be left in the storage: %s", self.thread_id, error)

    async def _finish(self, run: Run | None, reason: str, grace: float) -> None:
        """Wait for one of the last runs."""
        if run is None:
            return
        try:
            await asyncio.wait_for(run.ended.wait(), grace)
        except TimeoutError:
            logger.warning("`%s` took longer than %g s and was stopped", run.callback, grace)
            self._stop(run, reason)


def _result(run: Run, value: Any) -> Any:
    """What an action's callback returned, for the one who clicked; of other runs nothing is shown."""
    if not run.callback.startswith(ACTION):
        return None
    try:
        return msgspec.json.decode(msgspec.json.encode(value))
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        logger.warning(
            "`%s` returned what JSON cannot hold, a `%s`; nobody gets it", run.callback, type(value).__name__
        )
        return None
