"""Sharing: the links to a thread that its owner makes, lists and revokes. Who reads by one is `convo.viewing`'s."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Literal

from convo.audit import audit
from convo.datalayer import Share
from convo.errors import NotFoundError
from convo.principal import Principal, authorize
from convo.projection import ViewerProjection
from convo.protocol import CommandError, ShareInfo, ShareList, State, ThreadFields, ThreadPatched, timestamp
from convo.run import Client
from convo.session import Session
from convo.state import ThreadState, is_message
from convo.viewer import share_info
from convo.viewing import settled, unsupported

if TYPE_CHECKING:
    from convo.config import Config
    from convo.directory import Directory

__all__ = ["Sharing"]

PATIENCE_SECONDS = 10.0  # how long a thread's first save is waited for
MOST_SHARES = 100  # of a thread, that are not revoked
_SHARE_BYTES = 24  # of chance: nobody guesses an id


class Sharing:
    """That of a `Directory`. Every method is authorized; where threads are not shared, it is `unsupported`."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    @property
    def is_on(self) -> bool:
        """Whether the app lets threads be shared, and its data layer can keep shares."""
        return self._directory.config.features.allow_thread_sharing and self._directory.data_layer.keeps_shares

    async def create(self, principal: Principal, thread_id: str, kind: Literal["snapshot", "live"]) -> ShareInfo:
        """A new link to a thread. Raises `CommandError`: `invalid` while nothing was said in it."""
        self._directory.viewing.check_on()
        async with self._directory.alone(thread_id):
            session, state, config = await self._own(principal, thread_id)
            if not any(is_message(step) for step in state.steps):
                raise CommandError(
                    "invalid", "There is nothing to share yet: say something first.", key="nothingToShare"
                )
            if len(await self._list(thread_id)) >= MOST_SHARES:
                text = f"A chat has {MOST_SHARES} links at most; stop sharing by one of them first."
                raise CommandError("conflict", text, key="links", details={"limit": MOST_SHARES})
            share_id = secrets.token_urlsafe(_SHARE_BYTES)
            share = Share(share_id, thread_id, kind, config.ui.cot, timestamp())
            if session is not None:
                await self._saved(session)
            await self._add(share, _snapshot(share, state) if kind == "snapshot" else None)
            await self._mark(session, thread_id, True)
        audit("share-made", principal=principal.id, thread=thread_id, share=share_id[:6], kind=kind)
        return share_info(share)

    async def list_shares(self, principal: Principal, thread_id: str) -> ShareList:
        """The thread's links that work. Raises `CommandError`."""
        self._directory.viewing.check_on()
        authorize(principal, "thread:share", await self._directory.owner_of(thread_id))
        return ShareList(shares=[share_info(share) for share in await self._list(thread_id)])

    async def revoke(self, principal: Principal, thread_id: str, share_id: str) -> None:
        """Let a link work no more: whoever reads by it is cut off. Idempotent. Raises `CommandError`."""
        self._directory.viewing.check_on()
        async with self._directory.alone(thread_id):
            session, _, _ = await self._own(principal, thread_id)
            share = await self._directory.viewing.get_share(share_id)
            if share is None or share.thread_id != thread_id:
                raise CommandError("not-found", "This chat has no such link.")
            layer = self._directory.data_layer
            await self._directory.look(layer.revoke_share(share_id, timestamp()), "The share")
            self._directory.viewing.cut_share(share_id)
            audit("share-revoked", principal=principal.id, thread=thread_id, share=share_id[:6])
            await self._mark(session, thread_id, bool(await self._list(thread_id)))

    async def _own(self, principal: Principal, thread_id: str) -> tuple[Session | None, State, Config]:
        """A thread of the principal's, for him to share."""
        session = await self._directory.settled(thread_id)
        if session is not None:
            authorize(principal, "thread:share", session.owner_id)
            with session.log.lock:
                state, config = session.state.view(), session.config
        else:
            stored = await self._directory.read_stored(thread_id)
            authorize(principal, "thread:share", stored.owner_id)
            state = stored.state
            client = Client(user=principal.user, principal_id=principal.id)
            config = await self._directory.config_of(stored, client)
        if not config.features.allow_thread_sharing:
            raise unsupported()
        return session, state, config

    async def _saved(self, session: Session) -> None:
        """Wait until a thread is stored for the first time; one that is, or cannot be, is not waited for."""
        if not session.recorder.has_begun:
            raise CommandError("invalid", "There is nothing to share yet: say something first.", key="nothingToShare")
        reader = session.log.subscribe(log=session.log.id, after=session.log.seq)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not session.recorder.was_saved and not session.log.is_closed:
                    await reader.wait()
                    reader.read()
        except TimeoutError:
            raise CommandError(
                "unavailable", "The chat is not saved yet; try again.", key="unsavedChat", retry_after=2.0
            ) from None
        finally:
            reader.close()

    async def _add(self, share: Share, state: State | None) -> None:
        async def add() -> bool:
            try:
                await self._directory.data_layer.add_share(share, state)
            except NotFoundError:  # deleted by another process, or let go of
                return False
            return True

        if not await self._directory.look(add(), "The share"):
            raise CommandError("not-found", "There is no such thread, or it is not yours.", key="thread")

    async def _mark(self, session: Session | None, thread_id: str, is_shared: bool) -> None:
        """Let the history say whether others can read the thread."""
        fields = ThreadFields(shared=is_shared)
        if session is None:
            await self._directory.history.change_stored(thread_id, fields)
        elif session.state.thread.shared != is_shared:
            session.log.append(ThreadPatched(set=fields))

    async def _list(self, thread_id: str) -> list[Share]:
        return await self._directory.look(self._directory.data_layer.list_shares(thread_id), "The shares")


def _snapshot(share: Share, state: State) -> State:
    """What a snapshot keeps: what it will show, and nothing else. Its files stay where they are."""
    projection = ViewerProjection(share.thread_id, share.cot, files="", shown_files="")
    shown: State = projection.state(state, ThreadState.from_view(state))
    return settled(shown)
