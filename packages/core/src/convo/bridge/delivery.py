"""Deliveries: one reader of a session's log each, which makes a platform show what the log says."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING, Any

import msgspec

from convo.bridge.degradation import degraded_by, degraded_in
from convo.bridge.part import Part, digest_of
from convo.bridge.place import Place
from convo.errors import PlatformBusyError, PlatformDeniedError, PlatformError, PlatformGoneError
from convo.follower import Follower
from convo.projection import ParticipantProjection
from convo.protocol import (
    ActionPut,
    ActionRemoved,
    AskClosed,
    AskOpened,
    ElementPut,
    ElementRemoved,
    Event,
    RunEnded,
    RunQueued,
    RunStarted,
    Snapshot,
    StepClosed,
    StepDelivered,
    StepDelta,
    StepOpened,
    StepPatched,
    StepRemoved,
)
from convo.session import Session
from convo.state import ThreadState, is_message

if TYPE_CHECKING:
    from convo.bridge.bridge import Bridge

__all__ = ["Delivery", "posted_refs"]

logger = logging.getLogger("convo.bridge")

_LONGEST_WAIT = 60.0
_GATHER_SECONDS = 0.05
"""How long news gather before they are shown: a short answer comes whole, with its buttons, in one message."""
_GONE = ""
"""The reference of what somebody on the platform has removed: it is not shown again."""


class _Posted(msgspec.Struct):
    ref: str
    digest: str
    at: float = 0.0  # when it was last changed, by the loop's clock


class Delivery:
    """Shows a session in a place. `run` goes on until the session has ended and all of it is shown, or it is cancelled.

    What it has posted of a step is in the log (`step-delivered`), so another process goes on where this one was.
    """

    def __init__(self, bridge: Bridge, session: Session, place: Place) -> None:
        self._bridge = bridge
        self._session = session
        self._place = place
        self._transcript = bridge.transcript
        self._reader = session.log.subscribe(projection=ParticipantProjection("", session.config.ui.cot))
        self._follower = Follower()
        self._posted: dict[str, dict[str, _Posted]] = {}  # by the step, then by the part
        self._loose: dict[str, _Posted] = {}
        self._stale: dict[str, None] = {}  # steps to look at, in order
        self._is_loose_stale = False
        self._unsure: set[str] = set()  # parts that may be there: whether they came through was not heard
        self._status: str | None = None
        self._failures = 0
        self._commands: Any = None
        self._is_busy = False

    @property
    def _state(self) -> ThreadState:
        return self._follower.state

    @property
    def is_quiet(self) -> bool:
        """There is nothing left to show."""
        return not (self._is_busy or self._reader.has_news or self._has_work)

    async def run(self) -> None:
        """Never raises but when cancelled."""
        try:
            while not self._reader.is_finished or self._has_work:
                self._is_busy = False
                await self._wait()
                self._is_busy = True
                await asyncio.sleep(_GATHER_SECONDS)
                self._follow()
                pause = await self._show()
                if pause > 0:
                    await asyncio.sleep(pause)
        except PlatformGoneError as error:
            logger.warning("%s: the place of the thread `%s` is gone: %s", self._name, self._session.thread_id, error)
        except PlatformDeniedError as error:
            self._bridge.deny(error)
        except Exception:  # what a platform's package raises must not end more than this
            logger.exception("%s: the thread `%s` is no longer shown", self._name, self._session.thread_id)
        finally:
            self._is_busy = False
            self._stale.clear()
            self._reader.close()

    @property
    def _name(self) -> str:
        return self._bridge.platform

    @property
    def _has_work(self) -> bool:
        return bool(self._stale or self._is_loose_stale)

    async def _wait(self) -> None:
        """Until there is something to read or to do, or the status has to be shown again."""
        if self._has_work or self._reader.has_news:
            return
        seconds = self._bridge.status_seconds if self._status is not None else None
        try:
            async with asyncio.timeout(seconds):
                await self._reader.wait()
        except TimeoutError:
            self._status = None

    # --- Reading ---

    def _follow(self) -> None:
        """Read what there is. News that come in pieces are one: this is how a slow platform is one more reader."""
        while (frame := self._reader.read()) is not None:
            is_first = not self._follower.is_begun
            events = self._follower.take(frame)
            if isinstance(frame, Snapshot):
                self._restart(is_first)
            for event in events:
                self._note(event)
                for name in degraded_by(event):
                    self._bridge.report(name)

    def _restart(self, is_first: bool) -> None:
        """All may have changed. What a process before this one has posted is known by its deliveries."""
        state = self._state
        if is_first:
            for delivery in state.deliveries.values():
                if delivery.platform == self._name:
                    self._posted[delivery.id] = _read_posted(delivery.ref, delivery.digest)
            began_before = {step_id for step_id, entry in state.steps.items() if entry.opened_at == 0}
            self._unsure.update(began_before if self._session.is_resumed else ())
            for part in self._transcript.loose(state) if self._session.is_resumed else ():
                self._loose[part.key] = _Posted(_GONE, digest_of(part))
        self._stale.update(dict.fromkeys([*self._posted, *state.steps]))
        self._is_loose_stale = True
        for name in degraded_in(state):
            self._bridge.report(name)

    def _note(self, event: Event) -> None:
        """Which steps may look otherwise now."""
        state = self._state
        match event:
            case StepDelta() | StepPatched() | StepClosed() | StepOpened():
                step_id = event.step.id if isinstance(event, StepOpened) else event.id
                self._stale[step_id] = None
                if isinstance(event, StepOpened) and event.step.run_id is not None:
                    self._stale.update(dict.fromkeys(state.steps_of(event.step.run_id)))  # it is the last one now
            case StepRemoved():
                self._stale.update((step_id, None) for step_id in self._posted if step_id not in state.steps)
            case RunQueued() | RunStarted() | RunEnded():
                self._stale.update(dict.fromkeys(self._transcript.concerns(event.id, state)))
                self._is_loose_stale = True
            case ElementPut():
                self._is_loose_stale |= event.element.for_id is None
                self._stale_if(event.element.for_id)
            case ActionPut():
                self._stale_if(event.action.for_id)
            case AskOpened():
                self._stale_if(event.step_id)
            case AskClosed():
                ask = state.asks.get(event.id)
                self._stale_if(None if ask is None else ask.step_id)
            case ActionRemoved() | ElementRemoved():
                self._stale.update(dict.fromkeys(self._posted))  # it does not say whose it was

    def _stale_if(self, step_id: str | None) -> None:
        if step_id is not None:
            self._stale[step_id] = None

    # --- Showing ---

    async def _show(self) -> float:
        """Show what is stale, as far as the platform lets us; returns the seconds to wait before the next round."""
        pause = 0.0
        try:
            await self._show_status()
            await self._show_commands()
            for step_id in sorted(self._stale, key=self._order):
                pause = max(pause, await self._show_step(step_id))
            if self._is_loose_stale:
                wait = await self._show_parts(list(self._transcript.loose(self._state)), self._loose)
                self._is_loose_stale = wait > 0
                pause = max(pause, wait)
            await self._show_status()
        except PlatformBusyError as error:
            self._failures += 1
            self._is_loose_stale = True
            wait = error.retry_after or min(0.5 * 2**self._failures, _LONGEST_WAIT) * random.uniform(0.7, 1.3)  # noqa: S311 - to spread them
            logger.log(logging.WARNING if self._failures > 3 else logging.INFO, "%s: %s", self._name, error)
            return wait
        self._failures = 0
        return pause

    def _order(self, step_id: str) -> int:
        entry = self._state.steps.get(step_id)
        return 0 if entry is None else entry.place

    async def _show_step(self, step_id: str) -> float:
        """Show a step's parts; returns the seconds until it may be changed again, if it has to be."""
        posted = self._posted.setdefault(step_id, {})
        before = _refs(posted)
        parts = self._transcript.parts(self._state, step_id)
        try:
            wait = await self._show_parts(parts, posted, step_id)
        finally:
            if before != _refs(posted):
                self._keep(step_id, posted)
        if wait > 0:
            return wait
        del self._stale[step_id]
        self._unsure.discard(step_id)
        entry = self._state.steps.get(step_id)
        if entry is None:
            del self._posted[step_id]
        elif posted and entry.facts.end is not None:
            self._keep(step_id, posted)
        return self._bridge.edit_seconds if any(part.is_open for part in parts) else 0.0

    def _keep(self, step_id: str, posted: dict[str, _Posted]) -> None:
        """Let another process know what was posted."""
        if step_id not in self._session.state.steps:
            return
        refs = msgspec.json.encode(_refs(posted)).decode()
        digests = msgspec.json.encode({key: one.digest for key, one in posted.items()}).decode()
        known = self._session.state.deliveries.get(step_id)
        if known is None or (known.ref, known.digest) != (refs, digests):
            self._session.log.append(StepDelivered(id=step_id, platform=self._name, ref=refs, digest=digests))

    async def _show_parts(self, parts: list[Part], posted: dict[str, _Posted], step_id: str | None = None) -> float:
        """Post, edit and delete until `posted` is what `parts` are; returns the seconds to wait if it is too soon."""
        clock = asyncio.get_running_loop().time
        wait = 0.0
        for part in parts:
            digest = digest_of(part)
            known = posted.get(part.key)
            if known is None:
                ref = await self._post(part, is_unsure=step_id in self._unsure)
                posted[part.key] = _Posted(ref, digest, clock())
            elif known.digest != digest and known.ref != _GONE:
                left = known.at + self._bridge.edit_seconds - clock()
                if left > 0:
                    wait = max(wait, left)
                    continue
                known.at = clock()  # an attempt counts
                await self._edit(known, part)
                known.digest = digest
        wanted = {part.key for part in parts}
        for key in [key for key in posted if key not in wanted]:
            await self._delete(posted[key].ref)
            del posted[key]
        return wait

    async def _post(self, part: Part, *, is_unsure: bool) -> str:
        if (is_unsure or part.key in self._unsure) and (found := await self._bridge.find(self._place, part)):
            self._unsure.discard(part.key)
            return found
        try:
            ref = await self._bridge.post(self._place, part)
        except PlatformBusyError as error:
            if error.is_unsure:
                self._unsure.add(part.key)
            raise
        except (PlatformGoneError, PlatformDeniedError):
            raise
        except PlatformError as error:
            logger.error(
                "%s does not take a message of the thread `%s`: %s", self._name, self._session.thread_id, error
            )
            return _GONE
        self._unsure.discard(part.key)
        return ref

    async def _edit(self, known: _Posted, part: Part) -> None:
        try:
            await self._bridge.edit(self._place, known.ref, part)
        except PlatformGoneError:
            known.ref = _GONE
        except (PlatformBusyError, PlatformDeniedError):
            raise
        except PlatformError as error:
            logger.error("%s does not take a change in the thread `%s`: %s", self._name, self._session.thread_id, error)

    async def _delete(self, ref: str) -> None:
        if ref == _GONE:
            return
        try:
            await self._bridge.delete(self._place, ref)
        except PlatformGoneError:
            return

    # --- What goes on ---

    async def _show_status(self) -> None:
        status = self._work()
        if status == self._status:
            return
        self._status = status
        try:
            await self._bridge.show_status(self._place, status)
        except PlatformBusyError as error:  # it is no news any more when it could be shown
            logger.info("%s: the status is not shown: %s", self._name, error)

    def _work(self) -> str | None:
        """What the app is doing, in a word; `None` when it does nothing, or writes its answer."""
        state = self._state
        going = [run for run in state.runs.values() if run.status == "running" and run.callback != "task"]
        if not going or any(one.outcome is None for one in state.asks.values()):
            return None
        open_steps = [state.steps[i].facts for run in going for i in state.open_steps(run.id)]
        if any(is_message(step) for step in open_steps):
            return None
        return next((step.name for step in open_steps if step.name), "")

    async def _show_commands(self) -> None:
        commands = self._state.fields.get("commands")
        if commands != self._commands:
            await self._bridge.show_commands(self._place, list(commands or ()))
            self._commands = commands


def _refs(posted: dict[str, _Posted]) -> dict[str, str]:
    return {key: one.ref for key, one in posted.items()}


def posted_refs(ref: str) -> list[str]:
    """The references of the messages that a delivery names."""
    return [one.ref for one in _read_posted(ref, "{}").values() if one.ref != _GONE]


def _read_posted(ref: str, digest: str) -> dict[str, _Posted]:
    """What `step-delivered` says; nothing where another version wrote it in another way."""
    try:
        refs = msgspec.json.decode(ref, type=dict[str, str])
        digests = msgspec.json.decode(digest, type=dict[str, str])
    except msgspec.DecodeError:
        return {}
    return {key: _Posted(one, digests.get(key, "")) for key, one in refs.items()}
