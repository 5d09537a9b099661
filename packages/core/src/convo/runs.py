"""The runs of a session: how callbacks start, and how they end for those who read, whatever their code still does."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from convo.protocol import (
    Action,
    AskClosed,
    CommandError,
    QueuedMessage,
    RunEnded,
    RunError,
    RunQueued,
    RunStarted,
    SendMessage,
    StepClosed,
    timestamp,
    well_formed,
)
from convo.run import Client, Run

if TYPE_CHECKING:
    from convo.session import Session

__all__ = ["Runs"]

logger = logging.getLogger("convo.session")

OUR_CALLBACKS = ("on_message", "on_chat_start", "on_chat_resume")
"""Callbacks that keep a session busy for the message policy."""

ACTION = "action:"
"""What the name of an action's callback begins with."""

NAMING = "thread_title"

Status = Literal["done", "failed", "stopped"]


class Runs:
    """Those of one session. Iterating gives the ones that are going, the oldest first."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._going: dict[str, Run] = {}
        self._task: Run | None = None  # shown by `begin_task`
        self._retired: set[Run] = set()  # ended runs whose tasks live on
        self._before: list[Callable[[Run, contextvars.Context], object]] = []  # of observers

    def __iter__(self) -> Iterator[Run]:
        return iter(list(self._going.values()))

    def __len__(self) -> int:
        return len(self._going)

    def __contains__(self, run: Run) -> bool:
        return run.id in self._going

    def get(self, run_id: str) -> Run | None:
        """A run that is going."""
        return self._going.get(run_id)

    @property
    def is_busy(self) -> bool:
        """Something is going that users' next messages wait for."""
        return any(run.callback in OUR_CALLBACKS for run in self._going.values())

    @property
    def is_working(self) -> bool:
        """Somebody who asked for something waits for it."""
        return any(run.callback == "on_message" or run.callback.startswith(ACTION) for run in self._going.values())

    @property
    def is_stopping(self) -> bool:
        """`on_stop` is going: the next message comes after it."""
        return any(run.callback == "on_stop" for run in self._going.values())

    @property
    def answers(self) -> list[Run]:
        """Those of users' messages."""
        return [run for run in self._going.values() if run.callback == "on_message"]

    # --- Starting ---

    def act(self, action_id: str, client: Client) -> tuple[int, str]:
        """Run the callback of an action that this session offers. Returns the seq and the id of its run."""
        action = self._session.state.actions.get(action_id)
        if action is None:
            raise CommandError("not-found", "This button is not offered (any more).", key="button")
        return self.run_action(action, client)

    def run_action(self, action: Action, client: Client) -> tuple[int, str]:
        """Run the callback of an action's name. Raises `CommandError` when the app has none."""
        run = self.start(f"{ACTION}{action.name}", action, client=client, trigger=action.id)
        if run is None:
            raise CommandError("unsupported", f"The app has no `action_callback` for `{action.name}`.")
        self._session.recorder.start()
        return self._session.log.seq, run.id

    def take_window_message(self, data: Any, client: Client) -> int:
        """The page around this one said something: run `on_window_message`. Without one, nobody listens."""
        self.start("on_window_message", data, client=client)
        return self._session.log.seq

    def start(self, callback: str, *args: Any, client: Client | None = None, trigger: str | None = None) -> Run | None:
        """Start a run of a callback at once; `None` when the App has no such callback."""
        if callback not in self._session.callbacks:
            return None
        run = self._new(callback, client=client, trigger=trigger)
        self.begin(run, *args)
        return run

    def queue(self, run: Run, message: SendMessage | None = None, *, command_id: str | None = None) -> int:
        """Show a run that is to begin: with `message`, what waits to be answered. Returns its seq."""
        rest = None
        self._session.quota.runs += 1
        if message is not None:
            rest = QueuedMessage(
                author=run.client.author,
                command=message.command,
                modes=message.modes,
                files=[file.id for file in run.files],
            )
        return self._session.log.append(
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

    def begin(self, run: Run, *args: Any) -> int:
        """Start a queued run. Returns its seq."""
        seq = self._show(run)
        function = self._session.callbacks.get(run.callback)

        async def call() -> Any:
            return None if function is None else await function(*args)

        context = contextvars.Context()
        context.run(self._session.enter, run)
        self._tell_observers(run, context)
        context.run(run.spawn, self._execute(run, call))
        return seq

    def begin_task(self, run: Run | None) -> None:
        """Show that work goes on, unless `run`, which does it, shows that by itself."""
        if all(going is None or going not in self for going in (run, self._task)):
            self._task = self._new("task", client=None if run is None else run.client)
            self._show(self._task)

    def end_task(self) -> None:
        """What `begin_task` showed is over. Idempotent."""
        task, self._task = self._task, None
        if task is not None and task in self:
            self._end(task, "done")

    def fail(self, callback: str, raised: Exception, client: Client) -> None:
        """Show and log what a callback raised that has no run of its own: as a run that failed."""
        run = self._new(callback, client=client)
        self._show(run)
        self._end(run, "failed", error=self._report(run, raised))

    def _new(self, callback: str, *, client: Client | None, trigger: str | None = None) -> Run:
        run = Run(callback, client=client or Client(), trigger=trigger, tip=self._session.state.leaf)
        self.queue(run)
        return run

    def _show(self, run: Run) -> int:
        seq = self._session.log.append(RunStarted(id=run.id, at=timestamp()))
        self._going[run.id] = run
        return seq

    # --- Observers ---

    def let_observe(self) -> None:
        """Let those read along who said so to the App."""
        for observe in self._session.callbacks.observers:
            try:
                before_run = observe(self._session)
            except Exception:  # whoever only watches must not keep anybody from talking
                logger.exception("An observer cannot read along in the session `%s`", self._session.id)
            else:
                if before_run is not None:
                    self._before.append(before_run)

    def _tell_observers(self, run: Run, context: contextvars.Context) -> None:
        for before_run in self._before:
            try:
                before_run(run, context)
            except Exception:  # as above
                logger.exception("An observer raised an exception before `%s`", run.callback)

    # --- Ending ---

    async def _execute(self, run: Run, call: Callable[[], Awaitable[Any]]) -> None:
        status: Status = "done"
        error: RunError | None = None
        value: Any = None
        try:
            value = await call()
        except asyncio.CancelledError as cancelled:
            run.raised = type(cancelled)
            status, error = "failed", RunError(id=secrets.token_hex(4), text="The run was cancelled.")
        except Exception as raised:  # the author's code: whatever it raises is shown and logged, never swallowed
            status, error = "failed", self._report(run, raised)
        if run in self:
            self._end(run, status, error=error, value=_result(run, value))

    def _report(self, run: Run, raised: Exception) -> RunError | None:
        """Log an exception with its traceback; what of it readers see depends on whether this is development."""
        if run not in self:  # it was stopped, and this is how its code noticed
            return None
        run.raised = type(raised)
        error_id = secrets.token_hex(4)
        logger.error(
            "`%s` raised an exception (error %s)",
            run.callback,
            error_id,
            exc_info=raised,
            extra={"error_id": error_id, "callback": run.callback, "thread_id": self._session.thread_id},
        )
        if self._session.config.debug:
            return RunError(id=error_id, text=well_formed(f"{type(raised).__name__}: {raised}"))
        return RunError(
            id=error_id, text="Something went wrong in the app. Its log has the details under this id.", key="app"
        )

    def _end(self, run: Run, status: Status, *, error: RunError | None = None, value: Any = None) -> None:
        """End a run, and let the next message start."""
        self._close(run, status, error=error, value=value)
        if not self._session.is_ending:
            self._session.conversation.go_on()

    def _close(
        self, run: Run, status: Status, *, by: str | None = None, error: RunError | None = None, value: Any = None
    ) -> None:
        """End a run for its readers: close its asks and steps, then the run itself."""
        session = self._session
        del self._going[run.id]
        session.quota.runs -= 1
        session.project_values()
        with session.log.lock:  # a thread of the run may write until it has ended, and would open a closed step again
            self._close_contents(run.id)
            session.log.append(RunEnded(id=run.id, at=timestamp(), status=status, by=by, error=error, value=value))
        run.ended.set()
        if run.callback == "on_message" and status == "done" and not session.is_ending:
            self._name_thread(run)
        if run.tasks:
            self._retired.add(run)
        self._retired = {retired for retired in self._retired if retired.tasks}
        session.active_at = time.monotonic()

    def _close_contents(self, run_id: str) -> None:
        state, now = self._session.state, timestamp()
        for ask in list(state.asks.values()):
            if ask.run_id == run_id and ask.outcome is None:
                self._session.questions.close(AskClosed(id=ask.id, outcome="cancelled"))
        for step_id in state.open_steps(run_id):
            is_error = state.steps[step_id].facts.is_error
            self._session.log.append(StepClosed(id=step_id, end=now, is_error=is_error))

    def _name_thread(self, run: Run) -> None:
        """After the first answer, ask the author for a title."""
        callbacks, runs = self._session.callbacks, self._session.state.runs
        if NAMING in callbacks and all(one.callback != NAMING for one in runs.values()):
            self.start(NAMING, client=run.client)

    def stop(self, run_id: str | None, *, by: str | None) -> int:
        """Stop one run, or all of them and the queue. Its readers see it at once; its code is cancelled."""
        conversation = self._session.conversation
        if run_id is None:
            conversation.dequeue_all(by=by)
        else:
            conversation.dequeue(run_id, by=by, missing_ok=True)
        targets = [run for run in self._going.values() if run_id in (None, run.id)]
        if run_id is not None and not targets and run_id not in self._session.state.runs:
            raise CommandError("not-found", "There is no such run in this thread.")
        for run in targets:
            self._stop(run, by)
        seq = self._session.log.seq
        if targets and not self._session.is_ending:
            self.start("on_stop", client=targets[0].client)  # it comes before the next message
        conversation.go_on()
        return seq

    def _stop(self, run: Run, by: str | None) -> None:
        self._close(run, "stopped", by=by)
        run.cancel()

    def stop_all(self, by: str) -> None:
        """Stop what is going, without `on_stop`: the session ends."""
        for run in self:
            self._stop(run, by)

    async def finish(self, run: Run | None, reason: str, grace: float) -> None:
        """Wait so many seconds for one of the last runs."""
        if run is None:
            return
        try:
            await asyncio.wait_for(run.ended.wait(), grace)
        except TimeoutError:
            logger.warning("`%s` took longer than %g s and was stopped", run.callback, grace)
            self._stop(run, reason)

    def cancel_retired(self) -> None:
        """Cancel what ended runs have left going."""
        for retired in self._retired:
            retired.cancel()
        self._retired.clear()


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
