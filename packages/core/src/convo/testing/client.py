"""`ChatClient`: drives an App in process as a browser would, through the same commands and events, without sockets."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar

import msgspec

from convo.app import App
from convo.data import BaseDataLayer, DataLayer
from convo.directory import Connection, Directory
from convo.follower import Follower
from convo.memory import MemoryDataLayer
from convo.principal import Principal
from convo.protocol import (
    PROTOCOL_VERSION,
    Act,
    Action,
    Answer,
    AnswerAsk,
    AppInfo,
    Ask,
    AudioData,
    AudioEnd,
    AudioStart,
    Batch,
    Call,
    CallError,
    CallResult,
    CancelAsk,
    CommandError,
    Connect,
    Dequeue,
    EditMessage,
    Element,
    ElementAct,
    ElementRemove,
    ElementUpdate,
    FavouriteInfo,
    FileInfo,
    Finding,
    Hello,
    Notice,
    Page,
    PostWindowMessage,
    Regenerate,
    Removal,
    RunInfo,
    SendMessage,
    SetFavourite,
    SetFeedback,
    SetSettings,
    ShareInfo,
    ShowBranch,
    Snapshot,
    Step,
    Stop,
    ThreadInfo,
    ThreadListed,
    ThreadUnlisted,
    Toast,
    WindowMessage,
    encode,
    new_id,
)
from convo.protocol.commands import CommandStruct
from convo.protocol.events import EventStruct
from convo.state import PrincipalFold, ThreadState, is_message
from convo.testing.reply import Reply, StepNode
from convo.user import User
from convo.viewer import Viewer

__all__ = ["ChatClient"]

T = TypeVar("T")
PassingT = TypeVar("PassingT", bound=EventStruct)
TIMEOUT = 10.0  # seconds a client waits for what must happen


class ChatClient:
    """One connection to an App: sends commands and folds the frames it gets, encoded and decoded as on the wire.

        async with ChatClient(app) as chat:
            reply = await chat.send("hi")
            assert reply.content == "Hello!"

    Several clients of one App share its sessions: `tab()` opens another on the same thread. What must happen is waited
    for, at most `timeout` seconds; then `TimeoutError` says what was waited for and what there is instead.

    `user` is who is signed in, as a log-in would have stored it; without one the client is a visitor. `thread` opens
    one that is stored already. `connect` is what a browser says of itself: `profile`, `language`,
    `user_env`, `client="copilot"`.
    """

    def __init__(
        self,
        app: App,
        *,
        data_layer: DataLayer | BaseDataLayer | None = None,
        principal: Principal | None = None,
        user: User | None = None,
        thread: str | None = None,
        timeout: float = TIMEOUT,
        **connect: Any,
    ) -> None:
        self.app = app
        self._user = user
        self.timeout = timeout
        self.principal = principal or Principal(new_id())
        self.follower = Follower()
        self.frames: list[Batch | Snapshot] = []  # all that ever came, of the thread's log
        self.listings: list[ThreadListed | ThreadUnlisted] = []  # what ever changed in the history
        self._data_layer = data_layer
        self._options = connect
        self._wanted_thread = thread
        self._directory: Directory | None = None
        self._owns_directory = False
        self._connection: Connection | Viewer | None = None
        self._hello: Hello | None = None
        self._drop_at: int | None = None
        self._news = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self._tabs: list[ChatClient] = []
        self._spoken = 0

    # --- Life ---

    async def __aenter__(self) -> ChatClient:
        if self._directory is None:
            layer = self._data_layer or (None if self.app.has_history else MemoryDataLayer())
            self._directory = await self.app.startup(layer)
            self._owns_directory = True
        try:
            if self._user is not None:
                self.principal = await self._signed_in(self._user)
            await self.connect()
        except BaseException:
            await self._end()
            raise
        return self

    async def _signed_in(self, user: User) -> Principal:
        """Who a log-in with this user's identifier as its name would be."""
        saved = await self.directory.data_layer.sign_ins.identify("password", user.identifier, user)
        return Principal(saved.id, saved)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def _end(self) -> None:
        for tab in self._tabs:
            tab.drop()
        self.drop()
        if self._owns_directory and self._directory is not None:
            await self.app.shutdown(self._directory)

    async def connect(self) -> None:
        """Connect, or reconnect from where this client stands. Raises `CommandError` when it is refused."""
        assert self._directory is not None, "use `async with ChatClient(app) as chat`"
        hello = self._hello
        is_shared = "share" in self._options
        connect = Connect(
            protocol=PROTOCOL_VERSION,
            thread=self._wanted_thread if hello is None or is_shared else hello.thread,
            session=None if hello is None or is_shared else hello.session,
            log=self.follower.log,
            after=self.follower.position,
            place=self.follower.place,
            **({"client": "test"} | self._options),
        )
        news = self._news = asyncio.Event()
        news.set()
        join = self._directory.viewing.connect if is_shared else self._directory.connect
        self._connection = connection = await join(self.principal, connect, news.set)
        self._hello = msgspec.json.decode(encode(connection.hello), type=Hello)
        if not self.follower.is_begun:
            self._read(connection)
        self._pump = asyncio.get_running_loop().create_task(self._follow(connection, news), name="convo-chat-client")

    def drop(self, at: int | None = None) -> None:
        """Cut the connection: now, or as soon as a frame would bring the event numbered `at`, which is lost then."""
        if at is not None:
            self._drop_at = at
            return
        if self._pump is not None:
            self._pump.cancel()
            self._pump = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    @property
    def is_cut(self) -> bool:
        """Whether the app has ended this connection: the session is over, or the thread no longer shared."""
        return self._connection is not None and self._connection.is_finished

    async def dropped(self) -> None:
        """Wait until the cut that `drop(at=…)` asked for has happened."""
        await self.until(lambda: self._connection is None, "the cut")

    async def tab(self, **connect: Any) -> ChatClient:
        """A second connection of the same principal to the same thread; it ends with this client."""
        return await self._open(self.principal, self.thread_id, connect)

    async def new_chat(self, **connect: Any) -> ChatClient:
        """A client of the same principal in a chat of its own; it ends with this one."""
        return await self._open(self.principal, None, connect)

    async def resume(self, thread_id: str, principal: Principal | None = None, **connect: Any) -> ChatClient:
        """A client that opens a live or stored thread, as `principal` or as this one; it ends with this one."""
        return await self._open(principal or self.principal, thread_id, connect)

    async def view(self, share_id: str, principal: Principal | None = None, **connect: Any) -> ChatClient:
        """A client that reads what is shared, as a stranger or as `principal`; it ends with this one.

        Raises `CommandError` when it is not shared, or no longer (`expired`).
        """
        return await self._open(principal or Principal(new_id()), None, connect | {"share": share_id})

    async def log_in(self, user: User, **connect: Any) -> ChatClient:
        """A client in a new chat as `user`, who takes along what this visitor has; it ends with this one."""
        principal = await self._signed_in(user)
        if self.principal.is_anonymous:
            await self.directory.give(self.principal.id, principal.id)
        return await self._open(principal, None, connect)

    async def _open(self, principal: Principal, thread: str | None, connect: dict[str, Any]) -> ChatClient:
        options = self._options | connect
        other = ChatClient(self.app, principal=principal, thread=thread, timeout=self.timeout, **options)
        other._directory = self._directory
        await other.connect()
        self._tabs.append(other)
        return other

    # --- Looking ---

    @property
    def directory(self) -> Directory:
        """The App's live sessions, for tests that look behind the scenes."""
        assert self._directory is not None, "use `async with ChatClient(app) as chat`"
        return self._directory

    @property
    def hello(self) -> Hello:
        assert self._hello is not None, "use `async with ChatClient(app) as chat`"
        return self._hello

    @property
    def thread_id(self) -> str:
        return self.hello.thread

    @property
    def state(self) -> ThreadState:
        """This client's own fold of what it was sent."""
        assert self.follower.is_begun, "use `async with ChatClient(app) as chat`"
        return self.follower.state

    @property
    def notices(self) -> PrincipalFold:
        """What every tab of this principal should say."""
        return self.follower.notices

    @property
    def position(self) -> int:
        """The number of the last event this client has."""
        return self.follower.position

    @property
    def messages(self) -> list[Step]:
        """The shown branch, the oldest first."""
        return list(self.state.walk(self.state.leaf))[::-1]

    @property
    def steps(self) -> list[StepNode]:
        """All steps that are not messages, as trees."""
        return self._trees(entry.step for entry in self.state.steps.values())

    @property
    def asks(self) -> list[Ask]:
        """What the app asks and nobody has answered, the oldest first."""
        return [ask for ask in self.state.asks.values() if ask.outcome is None]

    @property
    def runs(self) -> list[RunInfo]:
        """The callbacks that were called, the oldest first."""
        return list(self.state.runs.values())

    def elements(self, step: Step | None = None) -> list[Element]:
        """What is shown with a message or step, or at all."""
        shown = self.state.elements.values()
        return [element for element in shown if step is None or element.for_id == step.id]

    def actions(self, step: Step | None = None) -> list[Action]:
        """The buttons below a message or step, or all that are offered."""
        return [action for action in self.state.actions.values() if step is None or action.for_id == step.id]

    @property
    def sidebar(self) -> list[Element]:
        """What stands in the element sidebar; nothing, while it is closed."""
        ids = (self.state.fields.get("sidebar") or {}).get("elements", ())
        return [self.state.elements[one] for one in ids if one in self.state.elements]

    @property
    def commands(self) -> list[dict[str, Any]]:
        """The commands that a message may name, as `send(…, command="id")`."""
        return list(self.state.fields.get("commands") or ())

    @property
    def modes(self) -> list[dict[str, Any]]:
        """What goes with a message, as `send(…, modes={"id": "option"})`."""
        return list(self.state.fields.get("modes") or ())

    async def info(self, *, profile: str | None = None, language: str | None = None) -> AppInfo:
        """What the page shows beside a chat: profiles, starters, links, the readme."""
        return await self.app.info(self.principal.user, profile=profile, language=language)

    async def read(self, element: Element) -> bytes:
        """The bytes that an element shows, as a browser would fetch them. Raises `CommandError`."""
        place, _, file_id = (element.url or "").removeprefix("api/v1/").partition("/files/")
        kind, _, owner = place.partition("/")
        read = self.directory.viewing.read_file if kind == "shares" else self.directory.read_file
        file = await read(self.principal, owner, file_id)
        return b"".join([piece async for piece in self.directory.read_content(file)])

    @property
    def connection(self) -> Connection:
        """Raises `ConnectionError` after a `drop`, and for one that only reads what is shared."""
        if isinstance(self._connection, Viewer):
            raise ConnectionError("This client reads what is shared, and has no part in it.")
        if self._connection is None:
            raise ConnectionError("The client is not connected; call `connect()`.")
        return self._connection

    @property
    def shown_notices(self) -> list[Notice]:
        return list(self.notices.notices.values())

    def _trees(self, steps: Iterable[Step]) -> list[StepNode]:
        work = [step for step in steps if not is_message(step)]
        ids = {step.id for step in work}
        inside: dict[str | None, list[Step]] = defaultdict(list)
        for step in work:
            inside[step.parent_id if step.parent_id in ids else None].append(step)

        def below(parent: str | None) -> list[StepNode]:
            return [StepNode(step, below(step.id)) for step in inside[parent]]

        return below(None)

    # --- Acting ---

    async def send(self, content: str, **fields: Any) -> Reply:
        """Send a message and wait until it is answered. Raises `CommandError` when it is refused."""
        run_id = await self.post(content, **fields)
        return await self.reply(run_id)

    async def post(self, content: str, files: Sequence[FileInfo | Path] = (), **fields: Any) -> str:
        """Send a message without waiting for its answer; returns the id of its run. Files are uploaded first."""
        sent = [file if isinstance(file, FileInfo) else await self.upload(file) for file in files]
        command = SendMessage(id=new_id(), content=content, files=[file.id for file in sent], **fields)
        await self.command(command)
        return (await self.until(lambda: self._run_of(command.id), "the run of the message")).id

    async def choose_starter(self, label: str) -> Reply:
        """Send what the starter of this label says, and wait until it is answered. `LookupError` without one."""
        info = await self.info(profile=self.state.fields.get("profile"))
        starters = [*info.starters, *(starter for category in info.categories for starter in category.starters)]
        starter = next((one for one in starters if one.label == label), None)
        if starter is None:
            raise LookupError(f"There is no starter `{label}`; there are {_names(one.label for one in starters)}.")
        return await self.send(starter.message, command=starter.command)

    async def edit(self, message_id: str, content: str) -> Reply:
        """Edit a message of the user's and wait for its answer."""
        command = EditMessage(id=new_id(), message_id=message_id, content=content)
        await self.command(command)
        return await self._answered(command.id)

    async def regenerate(self, message_id: str) -> Reply:
        """Have a message answered again and wait for it."""
        command = Regenerate(id=new_id(), message_id=message_id)
        await self.command(command)
        return await self._answered(command.id)

    async def show_branch(self, leaf_id: str) -> None:
        """Turn to the branch that ends with a message."""
        await self.command(ShowBranch(id=new_id(), leaf_id=leaf_id))

    def siblings(self, message_id: str) -> list[Step]:
        """What was said in a message's place, itself included, the oldest first."""
        prior = self.state.steps[message_id].facts.prior_id
        steps = [entry.step for entry in self.state.steps.values()]
        return [step for step in steps if is_message(step) and step.prior_id == prior]

    async def rate(self, step_id: str, value: Literal[0, 1] | None, comment: str | None = None) -> None:
        """Say what the user thinks of an answer; `None` takes it back. Raises `CommandError`."""
        await self.command(SetFeedback(id=new_id(), step_id=step_id, value=value, comment=comment))

    async def favour(self, step_id: str, on: bool = True) -> None:
        """Mark a message of the user's as a favourite, or no longer. Raises `CommandError`."""
        await self.command(SetFavourite(id=new_id(), step_id=step_id, on=on))

    async def page(self, turns: int = 20, to: str | None = None) -> bool:
        """Load older turns of a thread that was opened with `turns=…`; returns whether there are more."""
        before = next((i for i, entry in self.state.steps.items() if is_message(entry.facts)), "")
        answer = await self.command(Page(id=new_id(), before=before, turns=turns, to=to))
        await self.until(lambda: self.follower.place <= answer.data["place"] or self._connection is None)
        return bool(answer.data["more"])

    async def stop(self, run_id: str | None = None) -> None:
        """Stop a run, or all of them."""
        await self.command(Stop(id=new_id(), run_id=run_id))

    async def dequeue(self, run_id: str) -> None:
        """Take a waiting message back."""
        await self.command(Dequeue(id=new_id(), run_id=run_id))

    async def asked(self) -> Ask:
        """Wait until the app asks something that is not answered yet; the oldest of them."""
        return await self.until(lambda: next(iter(self.asks), None), "a question")

    async def answer(self, value: Any, ask: Ask | None = None) -> None:
        """Answer `ask`, or what is asked: with a text, the name of a button, files, or props.

        Files are what `upload` returned, or paths, which are uploaded. Raises `CommandError` when it is refused.
        """
        ask = ask or await self.asked()
        if ask.type == "action" and isinstance(value, str):
            offered = [self.state.actions[i] for i in ask.spec["actions"] if i in self.state.actions]
            value = next((action.id for action in offered if value in (action.name, action.label)), value)
        if ask.type == "file":
            files = [value] if isinstance(value, FileInfo | Path) else value
            value = [file.id if isinstance(file, FileInfo) else (await self.upload(file, ask=ask)).id for file in files]
        await self.command(AnswerAsk(id=new_id(), ask_id=ask.id, value=value))

    async def cancel_ask(self, ask: Ask | None = None) -> None:
        """Leave what is asked without an answer."""
        await self.command(CancelAsk(id=new_id(), ask_id=(ask or await self.asked()).id))

    @property
    def settings(self) -> dict[str, Any]:
        """The values of the chat settings."""
        form = self.state.fields.get("settings") or {}
        return dict(form.get("values") or {})

    async def threads(self, **page: Any) -> list[ThreadInfo]:
        """A page of the user's threads, the latest first: `first`, `cursor`, `pinned`. Raises `CommandError`."""
        await self._stored()
        return (await self.directory.history.list_threads(self.principal, **page)).threads

    async def search(self, text: str) -> list[Finding]:
        """The user's threads that match, the best first. Raises `CommandError`."""
        await self._stored()
        return (await self.directory.history.search(self.principal, text)).findings

    async def favourites(self, **page: Any) -> list[FavouriteInfo]:
        """A page of what the user marked in all threads, the latest first. Raises `CommandError`."""
        await self._stored()
        return (await self.directory.history.list_favourites(self.principal, **page)).favourites

    async def _stored(self) -> None:
        """Wait until all that was said in the user's chats is stored: lists and searches know nothing else."""
        mine = [session for session in self.directory.sessions if session.owner_id == self.principal.id]
        async with asyncio.timeout(self.timeout):
            while not all(session.recorder.is_saved for session in mine):  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.005)

    async def rename(self, name: str, thread_id: str | None = None) -> None:
        """Rename this thread or another, which need not be open. Raises `CommandError`."""
        await self.directory.history.change(self.principal, thread_id or self.thread_id, name=name)

    async def pin(self, on: bool = True, thread_id: str | None = None) -> None:
        """Pin this thread or another in the history, or no longer. Raises `CommandError`."""
        await self.directory.history.change(self.principal, thread_id or self.thread_id, pinned=on)

    async def delete(self, thread_id: str | None = None) -> Removal:
        """Delete this thread or another; `restore` undoes it for some seconds. Raises `CommandError`."""
        return await self.directory.history.delete(self.principal, thread_id or self.thread_id)

    async def restore(self, thread_id: str | None = None) -> None:
        """Undo `delete`. Raises `CommandError`."""
        await self.directory.history.restore(self.principal, thread_id or self.thread_id)

    async def share(self, kind: Literal["snapshot", "live"] = "live", thread_id: str | None = None) -> ShareInfo:
        """Let others read this thread or another, as it is or as it grows. Raises `CommandError`."""
        return await self.directory.sharing.create(self.principal, thread_id or self.thread_id, kind)

    async def shares(self, thread_id: str | None = None) -> list[ShareInfo]:
        """The links to this thread or another that work, the latest first. Raises `CommandError`."""
        return (await self.directory.sharing.list_shares(self.principal, thread_id or self.thread_id)).shares

    async def revoke(self, share_id: str, thread_id: str | None = None) -> None:
        """Let a link work no more. Raises `CommandError`."""
        await self.directory.sharing.revoke(self.principal, thread_id or self.thread_id, share_id)

    async def set_settings(self, values: dict[str, Any], *, live: bool = False) -> RunInfo | None:
        """Confirm the chat settings with `values`, or with `live` only edit them, and wait for the callback, if any.

        Raises `CommandError` when a value is refused.
        """
        answer = await self.command(SetSettings(id=new_id(), values=values, live=live))
        return None if answer.data is None else await self._run(answer)

    async def click(self, action: str) -> RunInfo:
        """Click the button of this name, label or id, and wait until its callback has ended.

        While the app is at work it may still come. Raises `CommandError` when it is not offered.
        """
        await self.until(lambda: self._offered(action) or self._is_at_rest, f"the button `{action}`")
        offered = self._offered(action)
        try:
            answer = await self.command(Act(id=new_id(), action_id=action if offered is None else offered.id))
        except CommandError as error:
            error.add_note(f"Offered are {_names(one.name for one in self.actions())}; this was `{action}`.")
            raise
        return await self._run(answer)

    def _offered(self, action: str) -> Action | None:
        offered = self.state.actions.values()
        return next((one for one in offered if action in (one.id, one.name, one.label)), None)

    async def update_element(self, element: Element, props: dict[str, Any]) -> None:
        """What a custom element does with `updateElement`: give it other props."""
        await self.command(ElementUpdate(id=new_id(), element_id=element.id, props=props))

    async def remove_element(self, element: Element) -> None:
        """What a custom element does with `deleteElement`."""
        await self.command(ElementRemove(id=new_id(), element_id=element.id))

    async def call_action(self, element: Element, name: str, payload: dict[str, Any] | None = None) -> RunInfo:
        """What a custom element does with `callAction`; waits until the callback has ended."""
        command = ElementAct(id=new_id(), element_id=element.id, name=name, payload=payload or {})
        return await self._run(await self.command(command))

    async def _run(self, answer: Answer) -> RunInfo:
        """The run that a command started, once it has ended."""
        run_id = answer.data["runId"]
        return await self.until(lambda: self._ended(run_id), "the end of a callback")

    async def upload(
        self, content: bytes | Path, name: str = "", mime: str | None = None, ask: Ask | None = None
    ) -> FileInfo:
        """Send a file, for `send(…, files=[…])` or as an answer. Raises `CommandError` when it is refused."""
        name = name or (content.name if isinstance(content, Path) else "")
        data = content.read_bytes() if isinstance(content, Path) else content  # noqa: ASYNC240 - a test's file

        async def source() -> AsyncIterator[bytes]:
            yield data

        return await self.connection.receive_file(
            source(), name=name, mime=mime, ask_id=None if ask is None else ask.id
        )

    async def speak(self, *chunks: bytes) -> None:
        """Turn the microphone on, once for the whole talk, and say `chunks`. `PermissionError` when the app refuses."""
        if not self.is_speaking:
            self._spoken = 0
            await self.command(AudioStart(id=new_id()))
            await self.until(lambda: self._microphone != "starting", "the app's answer to who wants to talk")
            if not self.is_speaking:
                raise PermissionError("The app does not listen.")
        for chunk in chunks:
            await self.command(AudioData(id=new_id(), index=self._spoken, data=chunk))
            self._spoken += 1

    async def hush(self) -> None:
        """Turn the microphone off."""
        await self.command(AudioEnd(id=new_id()))

    @property
    def is_speaking(self) -> bool:
        """Whether this client's microphone is on."""
        return self._microphone == "on"

    @property
    def _microphone(self) -> str:
        shown = self.state.fields.get("audio", {})
        return str(shown["state"]) if shown.get("connection") == self.hello.connection else "off"

    def passed(self, kind: type[PassingT]) -> list[PassingT]:
        """What has passed by so far: toasts, sound, window messages."""
        batches = (frame for frame in self.frames if isinstance(frame, Batch))
        return [event for batch in batches for event in batch.events if isinstance(event, kind)]

    @property
    def toasts(self) -> list[str]:
        """The texts of the toasts so far."""
        return [toast.message for toast in self.passed(Toast)]

    @property
    def window_messages(self) -> list[Any]:
        """What the page around the chat was told so far."""
        return [message.data for message in self.passed(WindowMessage)]

    async def post_window_message(self, data: Any) -> None:
        """What the page around the chat would post."""
        await self.command(PostWindowMessage(id=new_id(), data=data))

    async def called(self) -> Call:
        """Wait until the app calls a function of the page; the oldest call without a result."""
        return await self.until(
            lambda: next((call for call in self.state.calls.values() if call.outcome is None), None),
            "a call of a function of the page",
        )

    async def return_call(self, value: Any = None, *, error: str | None = None, call: Call | None = None) -> None:
        """What the page's function returned, or why it failed."""
        failure = None if error is None else CallError(text=error)
        call_id = (call or await self.called()).id
        await self.command(CallResult(id=new_id(), call_id=call_id, value=value, error=failure))

    async def command(self, command: CommandStruct) -> Answer:
        """Send any command and wait until its effect has arrived. Raises `CommandError` when it is refused."""
        answer = self.raw(encode(command))
        if answer.error is not None:
            failure = answer.error
            raise CommandError(
                failure.code,
                failure.text,
                key=failure.key,
                retry_after=failure.retry_after,
                details=failure.details,
            )
        if answer.seq is not None:
            seq = answer.seq
            await self.until(lambda: self.follower.position >= seq or self._connection is None, "the command's effect")
        return answer

    def raw(self, data: object) -> Answer:
        """Hand the server whatever frame, and get its answer."""
        connection = self._connection or self.connection
        return msgspec.json.decode(encode(connection.dispatch(data)), type=Answer)

    async def reply(self, run_id: str) -> Reply:
        """Wait for a run's end; returns what it said and did."""
        run = await self.until(lambda: self._ended(run_id), "the end of a run")
        steps = [self.state.steps[step_id].step for step_id in self.state.steps_of(run_id)]
        return Reply(run=run, messages=[step for step in steps if is_message(step)], steps=self._trees(steps))

    async def see(self, text: str) -> Step:
        """Wait until a message that holds `text` is shown; returns the newest of them."""
        return await self.until(
            lambda: next((step for step in self.messages[::-1] if text in step.output), None),
            f"a message with {text!r}",
        )

    async def rest(self) -> None:
        """Wait until it is the user's turn: no callback runs, or each that does waits for an answer."""
        await self.until(lambda: self._is_at_rest, "the app to be at rest")

    @property
    def _is_at_rest(self) -> bool:
        waiting = {ask.run_id for ask in self.asks}
        return all(run.ended_at is not None or run.id in waiting for run in self.state.runs.values())

    async def until(self, condition: Callable[[], T | None], what: str = "what the test waits for") -> T:
        """Wait until `condition()` is true of what this client knows; returns its value.

        Raises `TimeoutError`, which names `what` and says what there is instead.
        """
        try:
            async with asyncio.timeout(self.timeout), self._changed:
                while not (value := condition()):
                    if self._pump is not None and self._pump.done():
                        self._pump.result()  # raises what broke it
                    await self._changed.wait()
                return value
        except TimeoutError:
            raise TimeoutError(f"Waited {self.timeout:g} s for {what}.\n{self._scene()}") from None

    def _scene(self) -> str:
        """What this client sees, for somebody who waited in vain."""
        runs = [
            run.callback + (f" {run.status}: {run.error.text}" if run.error else f" {run.status}") for run in self.runs
        ]
        asks = [f"{ask.type} ({ask.outcome or 'open'})" for ask in self.state.asks.values()]
        connection = "open" if self.is_connected else "cut; `connect()` reconnects"
        lines = [
            f"Connection: {connection}, at event {self.position}",
            f"Runs: {_names(runs)}",
            f"Asks: {_names(asks)}",
            f"Buttons: {_names(action.name for action in self.actions())}",
            f"Steps: {_names(str(node) for node in self.steps)}",
            "Messages:" if self.messages else "Messages: none",
        ]
        said = [f"  {step.type}{'' if step.end else ', still open'}: {step.output!r}" for step in self.messages]
        return "\n".join(lines + said)

    async def _answered(self, command_id: str) -> Reply:
        return await self.reply((await self.until(lambda: self._run_of(command_id), "the run of the command")).id)

    def _run_of(self, command_id: str) -> RunInfo | None:
        return next((run for run in reversed(self.state.runs.values()) if run.command_id == command_id), None)

    def _ended(self, run_id: str) -> RunInfo | None:
        run = self.state.runs.get(run_id)
        return run if run is not None and run.ended_at is not None else None

    # --- Reading ---

    async def _follow(self, connection: Connection | Viewer, news: asyncio.Event) -> None:
        while True:
            await news.wait()
            news.clear()
            try:
                self._read(connection)
            finally:
                async with self._changed:
                    self._changed.notify_all()
            if self._connection is not connection or connection.is_finished:
                return

    def _read(self, connection: Connection | Viewer) -> None:
        while (frame := connection.read()) is not None:
            if frame.scope == "thread" and self._drop_at is not None and frame.to >= self._drop_at:
                self._drop_at = None
                connection.close()
                self._connection = None
                return
            self._take(frame)

    def _take(self, frame: Batch | Snapshot) -> None:
        as_sent = msgspec.json.decode(encode(frame), type=type(frame))
        events = self.follower.take(as_sent)
        if frame.scope == "thread":
            self.frames.append(frame)
        self.listings += [event for event in events if isinstance(event, ThreadListed | ThreadUnlisted)]


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
