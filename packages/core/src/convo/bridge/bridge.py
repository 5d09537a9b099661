"""The port to a chat platform. `convo.testing.BridgeSuite` has the contract as tests."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec

from convo.bridge.commands import chosen_action, open_ask, pressed, rated, revised
from convo.bridge.degradation import COMMON
from convo.bridge.delivery import Delivery
from convo.bridge.figure import can_draw, page_of
from convo.bridge.part import Attachment, Part
from convo.bridge.people import People
from convo.bridge.place import PLACE, Author, Incoming, Place, place_of
from convo.bridge.threads import PlaceThreads
from convo.bridge.transcript import Transcript
from convo.directory import Directory
from convo.dispatcher import dispatch, receive_file
from convo.errors import PlatformDeniedError, PlatformError
from convo.principal import Principal
from convo.protocol import (
    Answer,
    AnswerAsk,
    Command,
    CommandError,
    SendMessage,
    Stop,
    new_id,
)
from convo.run import Client
from convo.session import Session
from convo.table import csv_of

if TYPE_CHECKING:
    from convo.bridge.settings import PlatformSettings

__all__ = ["ASGI", "Bridge"]

logger = logging.getLogger("convo.bridge")

ASGI = Callable[[Any, Any, Any], Awaitable[None]]

STOP_WORDS = frozenset({"stop", "/stop", "!stop"})
"""What stops the app when it is all that somebody says while it works."""

_TRIES = 5


class Bridge(ABC):
    """One chat platform ⇄ an App: a reader of each log that belongs to a place there, and a source of commands.

    A platform's package implements `run`, `post`, `edit` and `delete`, and calls `say`, `press`, `revise`, `rate` and
    `stop`. It announces its class by the entry point group `convo.platforms`. An `event_id` is the platform's own id of
    what happened, and the command's: so what comes twice is done once.

    `post`, `edit`, `delete` and `show_status` raise `PlatformBusyError` (tried again), `PlatformGoneError` (the place
    or the message is not there any more), `PlatformDeniedError` (nothing will work until a setting changes) or
    `PlatformError` (this will never be taken). They are called for one place one at a time.
    """

    platform: ClassVar[str]
    """The name of its entry point, its settings and its routes."""
    text_limit: int = 4000
    """What a part's text may measure."""
    edit_seconds: float = 1.0
    """The least time between two changes of a message."""
    status_seconds: float | None = None
    """After how long a status is shown again that has not changed; `None` where it stays."""
    file_limit: int | None = None
    """The largest file that can be posted, in bytes; a larger one becomes a link."""
    has_forms: bool = False
    """Whether it can ask for a text in a dialogue (buttons of the kind `reply`)."""
    degrades: ClassVar[Mapping[str, str]] = COMMON
    """What of an app it shows otherwise or not at all, and how: said by `convo doctor`, and once by the log."""

    def __init__(self, settings: PlatformSettings) -> None:
        self.settings = settings
        self.is_connected = False
        self._directory: Directory | None = None
        self._deliveries: dict[str, tuple[Delivery, asyncio.Task[None]]] = {}  # by the session
        self._users: dict[str, tuple[Principal, Author, float]] = {}  # by the author
        self._current: dict[
            str, tuple[str, float]
        ] = {}  # the thread of a place, where it changes, and when it was used
        self._on_denied: Callable[[PlatformError], object] | None = None
        self._reported: set[str] = set()

    # --- What a platform does ---

    @property
    def app(self) -> ASGI | None:
        """What it serves over HTTP below `/{platform}`, if anything. Each request it lets in has proved who sent it."""
        return None

    async def open(self) -> None:  # noqa: B027 - many have nothing to do
        """Make ready to post. Called once, before all else."""

    @abstractmethod
    async def run(self) -> None:
        """Connect, say so with `connected`, and receive until cancelled. What it raises has it called again, later.

        `PlatformDeniedError`: not again. After it was cancelled, what is left can still be posted, until `close`.
        """

    async def close(self) -> None:  # noqa: B027 - many have nothing to do
        """Nothing is posted any more. Idempotent."""

    @abstractmethod
    async def post(self, place: Place, part: Part) -> str:
        """Show a part as a message; returns what tells it from all others in its place."""

    @abstractmethod
    async def edit(self, place: Place, ref: str, part: Part) -> None:
        """Make a message look as `part` says."""

    @abstractmethod
    async def delete(self, place: Place, ref: str) -> None:
        """Remove a message. Raises `PlatformGoneError` for one that is not there."""

    async def find(self, place: Place, part: Part) -> str | None:
        """The message that shows a part (by its `key`) if it was posted by a process that could not say so any more.

        `None` where it was not, and where the platform cannot tell.
        """
        return None

    async def show_status(self, place: Place, text: str | None) -> None:  # noqa: B027 - as above
        """Show that the app works: on what, or on something for an empty text; `None`: it does not (any more)."""

    async def show_commands(self, place: Place, commands: list[dict[str, Any]]) -> None:  # noqa: B027 - as above
        """Offer these commands (as `set_commands` was given them) in place of those before."""

    async def whisper(self, place: Place, author: Author, text: str) -> None:
        """Tell somebody something that others need not read."""
        await self.post(place, Part(key=f"whisper:{new_id()}", text=text, kind="note"))

    def measure(self, text: str) -> int:
        """What a text measures against `text_limit`, as the platform will get it."""
        return len(text)

    # --- What it says ---

    def connected(self) -> None:
        """It receives. Shown by `/ready`."""
        self.is_connected = True

    async def say(
        self,
        place: Place,
        author: Author,
        event_id: str,
        text: str,
        *,
        files: Sequence[Incoming] = (),
        command: str | None = None,
        values: dict[str, Any] | None = None,
    ) -> Answer:
        """Somebody says something: a message, the answer to what he was asked, or that the app shall stop.

        `values` go into the `user_session` beside what is there. Never raises; what was refused is told to the author.
        """
        return await self._tell(place, author, lambda: self._say(place, author, event_id, text, files, command, values))

    async def press(self, place: Place, author: Author, event_id: str, key: str, value: str | None = None) -> Answer:
        """Somebody presses the button with this `key`. `value` is the text of a `reply`, or a comment to a rating."""
        one = self._command_id(event_id)
        return await self._act(place, author, lambda session: pressed(session, one, key, value))

    async def rate(
        self,
        place: Place,
        author: Author,
        event_id: str,
        ref: str,
        value: Literal[0, 1] | None,
        comment: str | None = None,
    ) -> Answer:
        """Somebody rates the message with this reference; `None` takes it back."""
        one, platform = self._command_id(event_id), self.platform
        return await self._act(place, author, lambda session: rated(session, one, platform, ref, value, comment))

    async def revise(self, place: Place, author: Author, event_id: str, said_by: str, text: str) -> Answer:
        """Somebody changed a message: the one whose event was `said_by`. It is answered anew."""
        one, said = self._command_id(event_id), self._command_id(said_by)
        return await self._act(place, author, lambda session: revised(session, one, said, text))

    async def stop(self, place: Place, author: Author, event_id: str) -> Answer:
        """Somebody wants the app to stop what it does in a place."""
        return await self._act(place, author, lambda _: Stop(id=self._command_id(event_id)))

    async def notify(self, place: Place, author: Author, callback: str, *arguments: Any) -> None:
        """Run a callback of the App in the thread of a place, if the App has it; a place without one gets one."""
        if callback in self.directory.callbacks:
            session, _, client = await self.enter(place, author)
            session.runs.start(callback, *arguments, client=client)

    def deny(self, error: PlatformError) -> None:
        """Nothing works until a setting changes: a token was revoked, say."""
        self.is_connected = False
        if self._on_denied is not None:
            self._on_denied(error)

    @property
    def is_quiet(self) -> bool:
        """All that was said is shown."""
        return all(delivery.is_quiet for delivery, _ in self._deliveries.values())

    def report(self, name: str) -> None:
        """Say once in the log that the app uses what looks otherwise here."""
        if name in self.degrades and name not in self._reported:
            self._reported.add(name)
            logger.warning(
                "%s shows `%s` %s; docs/platforms.md has the table", self.platform, name, self.degrades[name]
            )

    # --- Files ---

    async def read(self, attachment: Attachment) -> AsyncGenerator[bytes, None]:
        """The bytes of an attachment without a `url`. Raises `CommandError` where they cannot be read."""
        if attachment.content is not None:
            yield attachment.content.encode("utf-8", "surrogatepass")
            return
        if attachment.file is None:
            raise CommandError("not-found", "The file is not there any more.", key="fileGone")
        file = await self.directory.get_file(*attachment.file)
        async with aclosing(self.directory.read_content(file)) as content:
            if attachment.kind == "plotly":
                yield await page_of(content)
                return
            pieces = csv_of(content) if attachment.kind == "dataframe" else content
            async for piece in pieces:
                yield piece

    # --- Who, and where ---

    @property
    def directory(self) -> Directory:
        assert self._directory is not None, "a bridge is attached before it is used"
        return self._directory

    @property
    def transcript(self) -> Transcript:
        """How threads look on this platform."""
        return Transcript(
            self.platform,
            self.text_limit,
            self.measure,
            self.file_limit,
            has_forms=self.has_forms,
            draws_figures=can_draw(),
            can_rate=self.settings.feedback and self.directory.config.features.feedback,
            link=self.link,
        )

    def link(self, thread_id: str) -> str | None:
        """The address of a thread in the web app, if `[server] url` says where that is."""
        url = self.directory.config.server.url
        return None if url is None else f"{url.rstrip('/')}/thread/{thread_id}"

    def attach(self, directory: Directory, on_denied: Callable[[PlatformError], object] | None = None) -> None:
        """Serve the sessions of `directory` from now on."""
        self._directory, self._on_denied = directory, on_denied
        self._people = People(self.platform, self.settings, directory)
        self._threads = PlaceThreads(self.settings, directory)
        directory.readers.append(self._read_along)

    async def settle(self, seconds: float) -> None:
        """Show what is left to show, for at most so long; then nothing reads any more."""
        tasks = [task for _, task in self._deliveries.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def enter(self, place: Place, author: Author, *, begins: bool = True) -> tuple[Session, Principal, Client]:
        """The session of a place's thread, begun if there is none, and who asks. Raises `CommandError`.

        Without `begins` it is `not-found` if there is none.
        """
        principal = await self._people.principal(author)
        client = Client(
            type=self.platform,
            language=author.language,
            profile=self.settings.profile,
            user=principal.user,
            principal_id=principal.id,
        )
        thread_id = await self._threads.id_of(place, principal)
        metadata = {PLACE: msgspec.to_builtins(place)} if begins else None
        session = await self.directory.open_at(thread_id, principal, client, metadata=metadata)
        session.participants.add(principal.id)
        self._deliver(session, place)
        return session, principal, client

    def _read_along(self, session: Session) -> None:
        """Show a session that begins, if its thread is of this platform: also one that is opened elsewhere."""
        place = place_of(session.state.thread.metadata)
        if place is not None and place.platform == self.platform:
            self._deliver(session, place)

    def _deliver(self, session: Session, place: Place) -> None:
        if session.id in self._deliveries:
            return
        delivery = Delivery(self, session, place)
        task = asyncio.create_task(delivery.run(), name=f"convo-{self.platform}-delivery")
        self._deliveries[session.id] = delivery, task
        task.add_done_callback(lambda _: self._deliveries.pop(session.id, None))

    # --- Commands ---

    def _command_id(self, event_id: str) -> str:
        return f"{self.platform}:{event_id}"

    async def _tell(self, place: Place, author: Author, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer to a command, tried again where that helps; an error is told to who asked."""
        for number in range(1, _TRIES + 1):
            try:
                answer = await work()
            except CommandError as error:
                answer = Answer(id="", error=error.failure)
            failure = answer.error
            if failure is None:
                return answer
            if failure.code != "unavailable" or number == _TRIES:
                break
            await asyncio.sleep(min(failure.retry_after or 1.0, 5.0) * number)
        await self._tell_refusal(place, author, "" if answer.error is None else answer.error.text)
        return answer

    async def _tell_refusal(self, place: Place, author: Author, text: str) -> None:
        logger.info("%s: refused: %s", self.platform, text)
        try:
            await self.whisper(place, author, text)
        except PlatformDeniedError as error:
            self.deny(error)
        except PlatformError as error:
            logger.warning("%s: `%s` could not be told: %s", self.platform, text, error)

    async def _act(self, place: Place, author: Author, command: Callable[[Session], Command]) -> Answer:
        return await self._tell(place, author, lambda: self._do(place, author, command))

    async def _do(self, place: Place, author: Author, command: Callable[[Session], Command]) -> Answer:
        session, principal, client = await self.enter(place, author, begins=False)
        return dispatch(session, command(session), principal, client)

    async def _say(
        self,
        place: Place,
        author: Author,
        event_id: str,
        text: str,
        files: Sequence[Incoming],
        command: str | None,
        values: dict[str, Any] | None,
    ) -> Answer:
        session, principal, client = await self.enter(place, author)
        session.values.update(values or {})
        one = self._command_id(event_id)
        known = session.answers.get((principal.id, one))
        if known is not None:
            return known
        if session.runs.is_working and text.strip().lower() in STOP_WORDS and not files:
            return dispatch(session, Stop(id=one), principal, client)
        ask = open_ask(session, principal)
        if ask is None:
            ids = await self._receive(session, principal, files, None)
            return dispatch(session, SendMessage(id=one, content=text, files=ids, command=command), principal, client)
        value: Any = text
        if ask.type == "file":
            if not files:
                raise CommandError("invalid", "A file is asked for: send one.")
            value = await self._receive(session, principal, files, ask.id)
        elif ask.type == "action":
            value = chosen_action(session, ask, text)
            if value is None:
                return dispatch(session, SendMessage(id=one, content=text, command=command), principal, client)
        return dispatch(session, AnswerAsk(id=one, ask_id=ask.id, value=value), principal, client)

    async def _receive(
        self, session: Session, principal: Principal, files: Sequence[Incoming], ask_id: str | None
    ) -> list[str]:
        infos = [
            await receive_file(session, principal, file.open(), name=file.name, mime=file.mime, ask_id=ask_id)
            for file in files
        ]
        return [info.id for info in infos]
