"""The connection: one reader of a session who may also command, whatever carries its frames."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import msgspec

from convo.allowance import Allowance
from convo.dispatcher import dispatch, receive_file
from convo.greeting import greeting
from convo.log import Frame
from convo.principal import Principal
from convo.projection import ParticipantProjection
from convo.protocol import (
    Answer,
    CommandError,
    Connect,
    FileInfo,
    Hello,
    decode_command,
    decode_json,
)
from convo.run import Client
from convo.session import Session
from convo.user import User

if TYPE_CHECKING:
    from convo.directory import Directory

__all__ = ["Connection"]


class Connection:
    """One socket, stream or platform delivery in a session. Its transport calls `read` and `dispatch`, then `close`."""

    def __init__(
        self,
        directory: Directory,
        session: Session,
        principal: Principal,
        client: Client,
        connect: Connect,
        on_news: Callable[[], None] | None,
    ) -> None:
        assert client.connection_id is not None
        self.id = client.connection_id
        self.session = session
        self.principal = principal
        self.client = client
        self._directory = directory
        self._is_open = True
        projection = ParticipantProjection(self.id, session.config.ui.cot)
        self.thread = session.log.subscribe(
            log=connect.log,
            after=connect.after,
            turns=connect.turns,
            place=connect.place,
            projection=projection,
            on_news=on_news,
        )
        self.notices = directory.audience.log_of(principal).subscribe(on_news=on_news)
        limits = directory.config.limits
        self._commands = Allowance(limits.commands_per_second)
        self._sounds = Allowance(limits.audio_chunks_per_second)
        session.join(self.id, client, self.thread)

    @property
    def hello(self) -> Hello:
        """The connection's first frame."""
        return greeting(
            self.principal,
            self.session.config,
            connection_id=self.id,
            is_durable=self._directory.data_layer.is_durable,
            thread=self.session.thread_id,
            session=self.session.id,
        )

    @property
    def has_news(self) -> bool:
        return self.thread.has_news or self.notices.has_news

    @property
    def is_finished(self) -> bool:
        """The session has ended and everything of it was read."""
        return self.thread.is_finished

    def read(self) -> Frame | None:
        """The next frame for this connection, or `None` when there is no news."""
        return (self.notices.read() if self.notices.has_news else None) or self.thread.read()

    def dispatch(self, data: object) -> Answer:
        """Do what a frame from the client asks for, and answer. Never raises."""
        try:
            (self._sounds if _is_sound(data) else self._commands).spend()
            command = decode_command(data)
        except CommandError as error:
            return Answer(id=_command_id(data), error=error.failure)
        return dispatch(self.session, command, self.principal, self.client)

    async def receive_file(
        self, source: AsyncIterator[bytes], *, name: str, mime: str | None = None, ask_id: str | None = None
    ) -> FileInfo:
        """Keep a file of the user's for a message or the answer to an ask. Raises `CommandError`."""
        return await receive_file(self.session, self.principal, source, name=name, mime=mime, ask_id=ask_id)

    def refresh(self, user: User) -> None:
        """Its user is stored otherwise than before: runs that begin from now on see that."""
        self.principal = dataclasses.replace(self.principal, user=user)
        self.client = self.session.connections[self.id] = dataclasses.replace(self.client, user=user)

    def close(self) -> None:
        """The connection is gone. Its session stays. Idempotent."""
        if not self._is_open:
            return
        self._is_open = False
        self.thread.close()
        self.notices.close()
        self.session.part(self.id)
        self._directory.audience.forget_connection(self.principal)


def _is_sound(data: object) -> bool:
    """Whether it is a piece of voice: those come many times a second, and must not use up what other commands need."""
    if isinstance(data, bytes | str):
        try:
            data = decode_json(data)
        except msgspec.MsgspecError:
            return False
    return isinstance(data, dict) and data.get("kind") == "audio-chunk"


def _command_id(data: object) -> str:
    """The id of a command that could not be decoded, so that its client can match the answer; else empty."""
    if isinstance(data, bytes | str):
        try:
            data = decode_json(data)
        except msgspec.MsgspecError:
            return ""
    command_id: Any = data.get("id") if isinstance(data, dict) else None
    return command_id if isinstance(command_id, str) and len(command_id) <= 128 else ""
