"""The bridge to Slack: connects, and brings what comes and what goes to where it belongs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import ClassVar

from convo.bridge import ASGI, Attachment, Author, Bridge, Part, Place, thread_id_of
from convo.bridge.degradation import COMMON
from convo.errors import PlatformDeniedError, PlatformError, PlatformGoneError
from convo.folder import Folder
from convo.info import app_info
from convo.protocol import AppInfo, new_id
from convo.session import Session
from msgspec.structs import replace

from convo_slack.calls import SlackRefusalError, slack_call
from convo_slack.convert import neutral
from convo_slack.deliver import Deliverer
from convo_slack.files import SlackFiles
from convo_slack.inbox import Inbox
from convo_slack.installations import FOLDER, Installations
from convo_slack.requests import Requests
from convo_slack.settings import SlackSettings
from convo_slack.socket import Socket
from convo_slack.workspaces import Workspace, Workspaces

__all__ = ["SlackBridge"]

_START_SECONDS = 10.0
_NO_CREDENTIALS = (
    "Slack needs `SLACK_BOT_TOKEN` (or `SLACK_CLIENT_ID` and `SLACK_CLIENT_SECRET`), and `SLACK_APP_TOKEN` for Socket "
    "Mode or `SLACK_SIGNING_SECRET` for events over HTTP."
)


class SlackBridge(Bridge):
    """Slack ⇄ an App. A thread of Slack's is a thread; direct messages outside of threads are one."""

    platform = "slack"
    text_limit = 6000  # of 12,000 that a message takes: an emoji may count as two
    status_seconds = 90.0  # Slack forgets after two minutes
    file_limit = 1_000_000_000
    has_forms = True
    degrades: ClassVar[Mapping[str, str]] = {name: how for name, how in COMMON.items() if name != "set_starters"}

    def __init__(self, settings: SlackSettings) -> None:
        super().__init__(settings)
        self.settings: SlackSettings = settings
        self.edit_seconds = 1.2  # Slack takes 50 edits a minute
        self.workspaces = Workspaces(settings, Installations(Path(settings.installations or FOLDER)))
        self.readers: dict[str, str] = {}  # who spoke last in a place, by its key: streams are for somebody
        self._deliverer = Deliverer(settings)
        self._inbox = Inbox(self)
        self._requests = Requests(settings, self.workspaces, self._inbox.receive, self._address)
        self._without_status: set[str] = set()

    @property
    def app(self) -> ASGI | None:
        return self._requests

    def _address(self) -> str | None:
        url = self.directory.config.server.url
        return None if url is None else f"{url.rstrip('/')}/slack"

    async def open(self) -> None:
        settings = self.settings
        can_post = settings.bot_token or (settings.client_id and settings.client_secret)
        if not can_post or not (settings.socket_token or settings.signing_secret):
            raise PlatformDeniedError(_NO_CREDENTIALS)
        await self.workspaces.open()

    async def run(self) -> None:
        token = self.settings.socket_token
        if token is None:  # events come over HTTP
            self.connected()
            await asyncio.Event().wait()
            return
        await Socket(token, self.workspaces.client(), self._inbox.receive, self._set_connected).run()

    async def close(self) -> None:
        await self._inbox.close()
        await self.workspaces.close()

    def _set_connected(self, is_connected: bool) -> None:
        self.is_connected = is_connected

    # --- What the app says ---

    async def post(self, place: Place, part: Part) -> str:
        async with self._at(place) as workspace:
            attachment = part.attachment
            if attachment is None:
                part = self._dressed(part)
                return await self._deliverer.post(
                    workspace, place, part, self.readers.get(place.key, place.address.get("user"))
                )
            if attachment.url is not None:
                return await self._deliverer.post(workspace, place, _linked(part, attachment), None)
            return await self._share(workspace, place, attachment)

    async def edit(self, place: Place, ref: str, part: Part) -> None:
        if part.attachment is not None:
            return  # what a file is does not change
        async with self._at(place) as workspace:
            await self._deliverer.edit(workspace, place, ref, self._dressed(part))

    async def delete(self, place: Place, ref: str) -> None:
        async with self._at(place) as workspace:
            await self._deliverer.delete(workspace, place, ref)

    async def find(self, place: Place, part: Part) -> str | None:
        async with self._at(place) as workspace:
            return await self._deliverer.find(workspace, place, part)

    async def show_status(self, place: Place, text: str | None) -> None:
        thread_ts = place.address.get("thread_ts")
        if thread_ts is None or place.address["channel"] in self._without_status:
            return
        status = "" if text is None else f"works on {neutral(text)[:40]}…" if text else "is thinking…"
        async with self._at(place) as workspace:
            try:
                with slack_call("assistant.threads.setStatus"):
                    await workspace.client.assistant_threads_setStatus(
                        channel_id=place.address["channel"], thread_ts=thread_ts, status=status
                    )
            except (SlackRefusalError, PlatformGoneError):
                self._without_status.add(place.address["channel"])

    async def whisper(self, place: Place, author: Author, text: str) -> None:
        channel = str(place.address["channel"])
        if place.is_direct or channel.startswith("D"):
            await self.post(place, Part(key=f"whisper:{new_id()}", text=text, kind="note"))
            return
        async with self._at(place) as workspace:
            with slack_call("chat.postEphemeral"):
                await workspace.client.chat_postEphemeral(
                    channel=channel,
                    user=author.id.rpartition(":")[2],
                    text=neutral(text),
                    thread_ts=place.address.get("thread_ts"),
                )

    def measure(self, text: str) -> int:
        return len(neutral(text))

    def _dressed(self, part: Part) -> Part:
        """Without the name of the app, which Slack shows beside every message."""
        is_own = part.kind != "said" and part.author in (None, self.directory.config.project.name)
        return replace(part, author=None) if is_own else part

    async def _share(self, workspace: Workspace, place: Place, attachment: Attachment) -> str:
        try:
            file_id = await self.files.share(
                workspace,
                attachment,
                self.read(attachment),
                channel=place.address["channel"],
                thread_ts=place.address.get("thread_ts"),
            )
        except SlackRefusalError as error:
            if error.code != "missing_scope":
                raise
            raise PlatformError(f"{error} (for the file `{attachment.name}`)") from error
        return self._deliverer.file_ref(file_id)

    @property
    def files(self) -> SlackFiles:
        """Files, both ways."""
        return SlackFiles(self.workspaces.session, self.settings.base_url)

    @asynccontextmanager
    async def _at(self, place: Place) -> AsyncIterator[Workspace]:
        """The workspace of a place. Where many have the app, what one of them denies concerns it alone."""
        team_id, enterprise_id = str(place.path[0]), place.address.get("enterprise")
        try:
            yield await self.workspaces.get(team_id, enterprise_id)
        except PlatformDeniedError as error:
            if self.settings.client_id is None:
                raise
            await self.workspaces.remove(team_id, enterprise_id)
            raise PlatformGoneError(str(error)) from error

    # --- What is said without naming the app ---

    async def awaits(self, place: Place, author: Author, *, any_message: bool) -> bool:
        """Whether a message is for the app: the answer to what it asks, or `any_message` where it takes part."""
        thread_id = thread_id_of(place)
        session = self.directory.live_sessions.of_thread(thread_id)
        if any_message and session is not None:
            return True
        if any_message:
            stored = await self.directory.look(self.directory.data_layer.get_thread(thread_id), "The history")
            return stored is not None
        if session is None or not any(ask.outcome is None for ask in session.state.asks.values()):
            return False
        session, principal, _ = await self.enter(place, author)
        return any(
            ask.outcome is None
            and (ask.anyone or (run := session.state.runs.get(ask.run_id)) is None or run.by in (None, principal.id))
            for ask in session.state.asks.values()
            if ask.type != "element"
        )

    async def offered(self, place: Place, author: Author, name: str) -> str | None:
        """The command of that name, if the app offers one in a place once its chat has started."""
        session, _, _ = await self.enter(place, author)
        await _started(session)
        offered = [str(one["id"]) for one in session.state.fields.get("commands") or ()]
        offered += session.callbacks.starter_commands
        return next((one for one in offered if _slug(one) == _slug(name)), None)

    # --- What the app says of itself ---

    async def info(self, language: str | None = None) -> AppInfo:
        """Its name, description and starters."""
        directory = self.directory
        return await app_info(
            directory.callbacks, directory.config, Folder(), profile=self.settings.profile, language=language
        )


async def _started(session: Session) -> None:
    """Until `on_chat_start` is over, which says what commands there are; for so long as somebody would wait."""
    with closing(session.log.subscribe()) as reader, suppress(TimeoutError):
        async with asyncio.timeout(_START_SECONDS):
            while any(
                run.callback == "on_chat_start" and run.status in ("queued", "running")
                for run in session.state.runs.values()
            ):
                while reader.read() is not None:
                    pass
                await reader.wait()


def _slug(name: str) -> str:
    """What Slack makes of a command's name: small letters, and no blanks."""
    return "-".join(name.lower().replace("_", "-").split())


def _linked(part: Part, attachment: Attachment) -> Part:
    """A file that is elsewhere, as a link."""
    name = attachment.name.replace("[", "(").replace("]", ")")
    return replace(part, attachment=None, author=None, text=f"[{name}]({attachment.url})")
