"""Threads: one conversation, followed, written to and steered."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from convo.follower import Follower
from convo.protocol import (
    Act,
    Action,
    Answer,
    AnswerAsk,
    AppInfo,
    Ask,
    CancelAsk,
    Command,
    EditMessage,
    Element,
    Failure,
    FileInfo,
    Json,
    MessageRequest,
    Regenerate,
    Removal,
    RunInfo,
    RunReply,
    SendMessage,
    SetFeedback,
    SetSettings,
    Snapshot,
    Step,
    Stop,
    ThreadInfo,
    encode,
    new_id,
)
from convo.state import ThreadState

from convo_client.errors import NotFollowedError, TooLargeError, UnexpectedAnswerError
from convo_client.feed import Feed
from convo_client.run import Run
from convo_client.source import File, Source, source_of, write_file
from convo_client.transport import Transport, decode

__all__ = ["Thread"]

T = TypeVar("T")

_CHECKED_BYTES = 1_000_000  # a smaller file is on its way before anybody could refuse it


class Thread:
    """One conversation. `async with thread:` follows it: what happens in it is in `state`, as soon as it is known here.

    Files, names and deletion need no following, nor do `send` and waiting for its answer: the server waits then.
    """

    def __init__(self, transport: Transport, thread_id: str) -> None:
        self.id = thread_id
        self._transport = transport
        self._path = f"api/v1/threads/{thread_id}"
        self._feed = Feed(transport, f"{self._path}/events")

    async def __aenter__(self) -> Self:
        await self._feed.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._feed.stop()

    # --- What is known ---

    @property
    def is_followed(self) -> bool:
        return self._feed.is_following

    @property
    def state(self) -> ThreadState:
        """The thread as it is known here: `runs`, `steps`, `elements`, `actions`, `asks` … by their ids.

        It is of the client's own, to be read alone. Raises `NotFollowedError`.
        """
        if not self._feed.follower.is_begun:
            raise NotFollowedError("Nothing is known yet of this thread; use `async with thread:`.")
        return self._feed.follower.state

    @property
    def log(self) -> str | None:
        """Which of the server's logs the state is of: another one after a restart."""
        return self._feed.follower.log

    @property
    def messages(self) -> list[Step]:
        """The messages of the branch that is shown, the first one first."""
        return list(self.state.walk(self.state.leaf))[::-1]

    @property
    def asks(self) -> list[Ask]:
        """The questions that wait for an answer."""
        return [ask for ask in self.state.asks.values() if ask.outcome is None]

    @property
    def actions(self) -> list[Action]:
        """The buttons that are offered."""
        return list(self.state.actions.values())

    @property
    def elements(self) -> list[Element]:
        return list(self.state.elements.values())

    @property
    def settings(self) -> dict[str, Json]:
        """The values of the app's settings, by their ids; empty where it has none."""
        form = self.state.fields.get("settings")
        return {} if form is None else dict(form["values"])

    async def changes(self) -> AsyncGenerator[ThreadState, None]:
        """The state, as it is and then after each change, until the thread is no longer followed."""
        async with aclosing(self._feed.changes()) as changes:
            async for _ in changes:
                yield self.state

    async def until(self, condition: Callable[[], T]) -> T:
        """What `condition` returns, as soon as that is true; it is asked after each change.

        Raises `NotFollowedError`, and what ended the following: the thread was deleted, the token ended, the server was
        away for longer than the client's patience.
        """
        return await self._feed.until(condition)

    async def asked(self) -> Ask:
        """The question that waits for its answer, as soon as there is one."""
        return (await self.until(lambda: self.asks))[0]

    # --- What a user does ---

    async def send(
        self,
        text: str,
        *,
        files: list[File] | None = None,
        command: str | None = None,
        modes: dict[str, str] | None = None,
        id: str | None = None,
    ) -> Run:
        """Say something. The run that answers it is waited for with `wait()` or read with `stream()`.

        `id` names the command: sent again with the same, after whatever, a message is taken and answered once.
        """
        ids = [(await self.upload(file)).id for file in files or ()]
        message = SendMessage(id=id or new_id(), content=text, files=ids, command=command, modes=modes)
        return await (self._run(message) if self.is_followed else self._say(message))

    def run(self, run: RunInfo | str) -> Run:
        """A run that is there, by its id. Nothing is asked yet."""
        return Run(self, None, id=_id(run))

    async def edit(self, message: Step | str, text: str) -> Run:
        """Say it in another way, which opens a branch."""
        return await self._run(EditMessage(id=new_id(), message_id=_id(message), content=text))

    async def regenerate(self, message: Step | str) -> Run:
        """Have another answer instead of this one, which opens a branch."""
        return await self._run(Regenerate(id=new_id(), message_id=_id(message)))

    async def stop(self) -> None:
        """End whatever runs, and take back what waits."""
        await self.command(Stop(id=new_id()))

    async def answer(self, ask: Ask | str, value: Json = None, *, files: list[File] | None = None) -> None:
        """Answer a question: with a text, an action's id, an element's values, or with files."""
        if files is not None:
            value = [(await self.upload(file, ask=ask)).id for file in files]
        await self.command(AnswerAsk(id=new_id(), ask_id=_id(ask), value=value))

    async def cancel(self, ask: Ask | str) -> None:
        """Decline to answer."""
        await self.command(CancelAsk(id=new_id(), ask_id=_id(ask)))

    async def act(self, action: Action | str) -> Run:
        """Press a button; `Reply.value` is what its callback returned."""
        log, act = self.log, Act(id=new_id(), action_id=_id(action))
        answer = await self.command(act)
        return Run(self, act, id=_run_id(answer), log=log)

    async def save_settings(self, values: dict[str, Json]) -> None:
        """Change settings of the app, all of them or none. Raises `InvalidError`, whose `details` say what of them."""
        await self.command(SetSettings(id=new_id(), values=values))

    async def rate(self, message: Step | str, value: Literal[0, 1] | None, comment: str | None = None) -> None:
        """Say what a message is worth: 1 is good, 0 is bad, `None` takes it back."""
        await self.command(SetFeedback(id=new_id(), step_id=_id(message), value=value, comment=comment))

    async def command(self, command: Command) -> Answer:
        """Any command of the protocol: tried again while the server is away, and done once. Raises `ClientError`."""
        headers = {"Content-Type": "application/json"}
        body = await self._transport.ask("POST", f"{self._path}/commands", body=encode(command), headers=headers)
        return decode(body, Answer)

    # --- Files ---

    async def upload(
        self, file: File, *, name: str | None = None, mime: str | None = None, ask: Ask | str | None = None
    ) -> FileInfo:
        """Bring a file for a message to come, or for the answer to `ask`. It is read and sent in pieces."""
        if isinstance(file, FileInfo):
            return file
        source = await source_of(file, name)
        if source.size > _CHECKED_BYTES:
            await self._check_size(source, None if ask is None else _id(ask))
        mime = mime or mimetypes.guess_type(source.name)[0] or "application/octet-stream"
        return await self._upload(source, mime, None if ask is None else _id(ask))

    async def discard(self, file: FileInfo | str) -> None:
        """Take back a file that was not sent. Idempotent."""
        await self._transport.ask("DELETE", f"{self._path}/files/{_id(file)}")

    async def read_file(self, file: Element | FileInfo) -> AsyncGenerator[bytes, None]:
        """A file's bytes in pieces. After a cut it goes on where it was. Raises `ClientError`."""
        url = file.url
        if url is None or "://" in url or url.startswith("/"):
            text = f"`{file.name}` is not kept by the server; what there is of it is in its `url` and `props`."
            raise UnexpectedAnswerError(text)
        async with aclosing(self._transport.read(url)) as pieces:
            async for piece in pieces:
                yield piece

    async def save_file(self, file: Element | FileInfo, path: Path) -> None:
        """A file's bytes, in a file here. What was not read whole is not left there."""
        await write_file(path, self.read_file(file))

    # --- The thread as a whole ---

    async def export(self, format: Literal["markdown", "html", "json"] = "markdown") -> AsyncGenerator[bytes, None]:
        """The thread as a file to keep, in pieces."""
        async with aclosing(self._transport.read(f"{self._path}/export", format=format)) as pieces:
            async for piece in pieces:
                yield piece

    async def rename(self, name: str) -> ThreadInfo:
        return await self._change({"name": name})

    async def pin(self) -> ThreadInfo:
        return await self._change({"pinned": True})

    async def unpin(self) -> ThreadInfo:
        return await self._change({"pinned": False})

    async def delete(self) -> Removal:
        """Idempotent. The answer says until when `restore` can undo it."""
        return decode(await self._transport.ask("DELETE", self._path), Removal)

    async def restore(self) -> ThreadInfo:
        return decode(await self._transport.ask("POST", f"{self._path}/restore"), ThreadInfo)

    async def _run(self, command: SendMessage | EditMessage | Regenerate) -> Run:
        log = self.log
        await self.command(command)
        return Run(self, command, log=log)

    async def _say(self, message: SendMessage) -> Run:
        """The answer names the run, which nobody tells of else."""
        said = MessageRequest(message.content, files=message.files, command=message.command, modes=message.modes)
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.id}
        body = await self._transport.ask("POST", f"{self._path}/messages", body=encode(said), headers=headers)
        return Run(self, None, id=decode(body, RunReply).run.id)

    async def ask_run(self, run_id: str, *, wait: float) -> RunReply:
        """The run as the server has it, when it has ended or `wait` seconds have passed."""
        return await self._transport.get(f"{self._path}/runs/{run_id}", RunReply, wait=wait)

    async def stop_run(self, run_id: str) -> None:
        """Idempotent."""
        await self._transport.ask("POST", f"{self._path}/runs/{run_id}/stop")

    async def _change(self, changes: dict[str, Any]) -> ThreadInfo:
        headers = {"Content-Type": "application/json"}
        return decode(await self._transport.ask("PATCH", self._path, body=encode(changes), headers=headers), ThreadInfo)

    async def _check_size(self, source: Source, ask_id: str | None) -> None:
        """Refuse here what the server would: it says so at once, but is not heard while there is more to send."""
        state = await self._now()
        limit = await self._limit(state.fields.get("profile")) if ask_id is None else _limit_of(state.asks.get(ask_id))
        if 0 < limit < source.size:
            text = f"`{source.name}` has {source.size:,} bytes; a file may have {limit:,}."
            raise TooLargeError(Failure(code="too-large", text=text, details={"limit": limit, "size": source.size}))

    async def _now(self) -> ThreadState:
        """The state as it is known here, or else as the server has it."""
        if self.is_followed:
            return self.state
        follower = Follower()
        follower.take(await self._transport.get(self._path, Snapshot))
        return follower.state

    async def _limit(self, profile: str | None) -> int:
        return (await self._transport.get("api/v1/app", AppInfo, profile=profile)).uploads.max_bytes

    async def _upload(self, source: Source, mime: str, ask_id: str | None) -> FileInfo:
        body = await self._transport.ask(
            "POST",
            f"{self._path}/files",
            params={"name": source.name, "ask": ask_id},
            body=source.pieces,
            headers={"Content-Type": mime, "Content-Length": str(source.size)},
        )
        return decode(body, FileInfo)


def _id(noun: Step | Ask | Action | FileInfo | RunInfo | str) -> str:
    return noun if isinstance(noun, str) else noun.id


def _limit_of(ask: Ask | None) -> int:
    """In bytes; 0 where the question says none, or is not there."""
    limit = None if ask is None else ask.spec.get("maxBytes")
    return limit if isinstance(limit, int) else 0


def _run_id(answer: Answer) -> str:
    """The run that a command has begun."""
    run_id = answer.data.get("runId") if isinstance(answer.data, dict) else None
    if not isinstance(run_id, str):
        raise UnexpectedAnswerError("The server's answer names no run.")
    return run_id
