"""A connection: one server as one chat has it, held by one task from the first try to the end."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import math
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import anyio
from convo import Step
from convo.protocol import McpServer, McpTool
from convo.run import Client
from convo.session import Session, current_session
from mcp import ClientSession, MCPError
from mcp.shared.exceptions import UrlElicitationRequiredError
from mcp_types import (
    METHOD_NOT_FOUND,
    URL_ELICITATION_REQUIRED,
    Implementation,
    PromptListChangedNotification,
    ResourceListChangedNotification,
    ToolListChangedNotification,
)

from convo_mcp._version import __version__
from convo_mcp.approval import ask_approval
from convo_mcp.authorization import Authorization
from convo_mcp.backoff import Backoff
from convo_mcp.failure import Failure, failure_of, late_of, refusal_of
from convo_mcp.grant import Grant
from convo_mcp.listing import read_listing
from convo_mcp.questions import Questions
from convo_mcp.result import refusal, text_of
from convo_mcp.session import ServerSession
from convo_mcp.sign_in import SIGN_IN_SECONDS, SignIn
from convo_mcp.target import Target
from convo_mcp.transport import Watched, open_transport

if TYPE_CHECKING:
    from convo_mcp.connections import Connections

__all__ = ["Connection"]

logger = logging.getLogger("convo_mcp")

T = TypeVar("T")

PING_SECONDS = 30.0
ANSWER_SECONDS = 10.0  # to a ping
STEADY_SECONDS = 30.0  # a server that was there for so long is tried as often as a new one
MOST_VISITS = 5  # that a tool may want of a user before it works
GOODBYE_SECONDS = 5.0  # for `on_mcp_disconnect`

_LISTS = (ToolListChangedNotification, ResourceListChangedNotification, PromptListChangedNotification)


class Connection:
    """What `on_mcp_connect` gets: `name` is the server's, `session` the SDK's session while there is one."""

    def __init__(
        self,
        owner: Connections,
        name: str,
        target: Target,
        chat: Session,
        client: Client,
        *,
        grant: Grant | None = None,
        sign_in: SignIn | None = None,
    ) -> None:
        self.name = name
        self.settings = target.settings
        self._target = target
        self.session: ClientSession | None = None
        self._owner = owner
        self._chat = chat
        self._client = client
        self._grant = grant
        self._sign_in = sign_in
        self._scope = anyio.CancelScope()
        self._approving = asyncio.Lock()
        self._questions = Questions(name, chat, owner.words, target.settings.approval_seconds)
        self._news = asyncio.Event()
        self._is_stale = False
        self._over = asyncio.Event()
        self._is_left = False
        context = contextvars.Context()
        context.run(current_session.set, chat)
        self.task = context.run(asyncio.get_running_loop().create_task, self._run(), name=f"convo-mcp-{name}")

    def leave(self) -> None:
        """End it: its task says goodbye and closes all that it opened. Nothing more is shown. Idempotent."""
        self._is_left = True
        if self.session is None:
            self._scope.cancel()
        else:
            self._ended()

    def abort(self) -> None:
        """The same, without a goodbye."""
        self._is_left = True
        self._scope.cancel()

    # --- The task ---

    async def _run(self) -> None:
        try:
            await self._keep()
        finally:
            self._settle()

    async def _keep(self) -> None:
        with self._scope:
            backoff, is_known = Backoff(), False
            while True:
                began = time.monotonic()
                failure, was_there = await self._hold()
                if self._is_left:
                    return
                is_known = is_known or was_there
                if was_there and time.monotonic() - began > STEADY_SECONDS:
                    backoff.reset()
                logger.warning("The MCP server `%s`: %s", self.name, failure.text)
                detail = failure.text if self._chat.config.debug else None
                state: Literal["failed", "needs-sign-in"] = "needs-sign-in" if failure.needs_sign_in else "failed"
                shown = McpServer(state=state, reason=failure.reason, detail=detail, tools=self._tools)
                is_final = failure.needs_sign_in or failure.reason in ("refused", "not-allowed")
                if not is_known or is_final or backoff.is_spent:
                    self._show(shown)
                    return
                self._show(McpServer(state="connecting", reason="lost", detail=detail, tools=self._tools))
                await anyio.sleep(backoff.next_seconds())

    async def _hold(self) -> tuple[Failure, bool]:
        """Connect, and stay so until the server is lost. Returns why it is over, and whether it was there."""
        self._news.clear()
        self._over.clear()
        self._is_stale = False
        was_there = False
        sign_in, authorization = self._sign_in, self._authorize()
        patience = self.settings.connect_seconds + (0.0 if sign_in is None else SIGN_IN_SECONDS)
        try:
            with anyio.CancelScope(deadline=anyio.current_time() + patience) as limit:
                async with (
                    open_transport(self.name, self._target, authorization) as (reading, writing),
                    self._create_session(Watched(reading, self._ended), writing) as session,
                ):
                    await session.initialize()
                    shown = await read_listing(session, self.settings, self._tools)
                    limit.deadline = math.inf
                    was_there = True
                    await self._stay(session, shown)
            if refusal := self._refusal(authorization, sign_in):
                return refusal, was_there
            if not was_there:
                return late_of(self.name, self._target), False
        except Exception as error:  # whatever a server or its transport does must not cost the chat anything
            if refusal := self._refusal(authorization, sign_in):
                return refusal, was_there
            if not was_there:
                return failure_of(self.name, self._target, error), False
            logger.debug("The MCP server `%s` was lost", self.name, exc_info=error)
        return Failure("lost", "The connection is lost; it is tried again."), True

    def _authorize(self) -> Authorization | None:
        """For a server that may want users to sign in."""
        if self._grant is None:
            return None
        return Authorization(self.settings, self._grant, self._sign_in, self._ended)

    def _refusal(self, authorization: Authorization | None, sign_in: SignIn | None) -> Failure | None:
        if authorization is None:
            return None
        return refusal_of(self.name, self._target, authorization, sign_in)

    def _settle(self) -> None:
        """Who signs in has done so, or not."""
        if self._sign_in is not None:
            self._sign_in.settle()
            self._sign_in = None

    def _create_session(self, reading: Any, writing: Any) -> ServerSession:
        has_model = "on_mcp_sampling" in self._chat.callbacks
        return ServerSession(
            self,
            reading,
            writing,
            sampling_callback=self._questions.sample if has_model else None,
            elicitation_callback=self._questions.elicit,
            message_handler=self._hear,
            client_info=Implementation(name="convo", version=__version__),
        )

    async def _stay(self, session: ServerSession, shown: McpServer) -> None:
        self.session = session
        self._show(shown)
        self._settle()
        self._chat.runs.start("on_mcp_connect", self, session, client=self._client)
        try:
            while not self._over.is_set():
                with anyio.move_on_after(PING_SECONDS):
                    await self._news.wait()
                self._news.clear()
                if self._is_stale:
                    self._is_stale = False
                    self._show(await read_listing(session, self.settings, self._tools))
                elif not self._over.is_set() and not await self._answers(session):
                    return
        finally:
            self.session = None
            run = self._chat.runs.start("on_mcp_disconnect", self.name, session, client=self._client)
            if run is not None:
                with anyio.move_on_after(GOODBYE_SECONDS, shield=True):
                    await run.ended.wait()

    async def _answers(self, session: ClientSession) -> bool:
        """Whether the server is there."""
        try:
            with anyio.fail_after(ANSWER_SECONDS):
                await session.send_ping()
        except MCPError as error:
            return error.code == METHOD_NOT_FOUND
        except TimeoutError:
            return False
        return True

    def _ended(self) -> None:
        self._over.set()
        self._news.set()

    async def _hear(self, message: Any) -> None:
        if isinstance(message, _LISTS):
            self._is_stale = True
            self._news.set()
        elif isinstance(message, Exception):
            self._news.set()  # let a ping find out what it means

    # --- Tools ---

    async def use(self, tool: str, arguments: dict[str, Any] | None, call: Callable[[], Awaitable[T]]) -> Any:
        """Use a tool as a step of the chat, if it may be used. Raises what `call` raises."""
        if current_session.get() is not self._chat:
            raise RuntimeError(f"The tool `{tool}` of `{self.name}` is used outside of the chat that is connected.")
        async with self._approving:  # so that "always" holds for those who wait, too
            reason = await self._refused(tool, arguments)
        async with Step(tool, type="tool", metadata={"mcp": self.name}) as step:
            step.input = arguments or {}
            if reason is not None:
                step.output, step.is_error = reason, True
                return refusal(reason)
            try:
                with self._questions.asked_here():
                    result = await self._call(tool, call)
            except MCPError:
                self._news.set()  # is it still there?
                raise
            step.output = text_of(result)
            step.is_error = bool(getattr(result, "is_error", False))
            return result

    async def _call(self, tool: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """Call a tool; once more, if the user has to go somewhere first, and did."""
        try:
            return await call()
        except MCPError as error:
            if error.code != URL_ELICITATION_REQUIRED:
                raise
            try:
                wanted = UrlElicitationRequiredError.from_error(error.error).elicitations
            except (AttributeError, TypeError, ValueError):  # it says so, and not where
                raise error from None
        if not 0 < len(wanted) <= MOST_VISITS:
            return refusal(f"The tool `{tool}` wants the user to go to {len(wanted)} addresses.")
        for one in wanted:
            if (await self._questions.ask(one)).action != "accept":
                return refusal(f"The user did not go where `{tool}` wanted him to.")
        return await call()

    async def _refused(self, tool: str, arguments: dict[str, Any] | None) -> str | None:
        """Why a tool is not used; `None`: it is."""
        known = next((one for one in self._tools if one.name == tool), None)
        if known is None:
            return f"`{self.name}` has no tool `{tool}` that may be used here."
        if not known.on:
            return f"The tool `{tool}` is switched off in this chat."
        if not known.asks:
            return None
        verdict = await ask_approval(
            self.name, tool, arguments, self.settings.approval_seconds, await self._owner.words.of(self._chat)
        )
        if verdict == "always":
            self._owner.remember(self.name, tool)
        return f"The user did not allow `{tool}`." if verdict == "denied" else None

    # --- What is shown ---

    @property
    def _tools(self) -> list[McpTool]:
        return self._owner.shown(self.name).tools

    def _show(self, server: McpServer) -> None:
        if not self._is_left:
            self._owner.show(self.name, server)
