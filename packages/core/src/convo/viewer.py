"""Viewers: those who read a thread by a share, and do nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from convo.allowance import Allowance
from convo.datalayer import Share
from convo.dispatcher import turn_page
from convo.greeting import greeting
from convo.log import Frame, Subscription, ThreadLog
from convo.principal import Principal, authorize
from convo.projection import ViewerProjection
from convo.protocol import Answer, CommandError, Connect, Hello, Page, ShareInfo, decode_command, new_id
from convo.user import User

if TYPE_CHECKING:
    from convo.viewing import Viewing

__all__ = ["Viewer", "share_info"]


class Viewer:
    """One reader by share, as a `Connection` is one of a session: `read` and `dispatch`, then `close`."""

    def __init__(
        self,
        viewing: Viewing,
        share: Share,
        principal: Principal,
        log: ThreadLog,
        connect: Connect,
        on_news: Callable[[], None] | None,
    ) -> None:
        self.id = new_id()
        self.share = share
        self.principal = principal
        self._viewing = viewing
        self._turns = connect.turns
        self._on_news = on_news
        self._is_open = True
        self._is_cut = False
        self._commands = Allowance(viewing.directory.config.limits.commands_per_second)
        self._log = log
        self.thread: Subscription = log.subscribe(
            log=connect.log,
            after=connect.after,
            turns=connect.turns,
            place=connect.place,
            projection=viewing.projection_of(share),
            on_news=on_news,
        )

    @property
    def hello(self) -> Hello:
        """The viewer's first frame."""
        directory = self._viewing.directory
        return greeting(
            self.principal,
            directory.config,
            connection_id=self.id,
            is_durable=directory.data_layer.is_durable,
            thread=self.share.id,
            share=share_info(self.share),
        )

    @property
    def has_news(self) -> bool:
        return not self._is_cut and self.thread.has_news

    @property
    def is_finished(self) -> bool:
        """It may read no longer."""
        return self._is_cut

    def read(self) -> Frame | None:
        """The next frame for this viewer, or `None` when there is no news."""
        return None if self._is_cut else self.thread.read()

    def dispatch(self, data: object) -> Answer:
        """Turn a page, which is all that a viewer can ask for, and answer. Never raises."""
        command_id = ""
        try:
            self._commands.spend()
            command = decode_command(data)
            command_id = command.id
            authorize(self.principal, str(type(command).__struct_config__.tag), None, by_share=True)
            assert isinstance(command, Page)  # what `POLICY` lets a viewer do
            seq, found = turn_page(self.thread, command)
        except CommandError as error:
            return Answer(id=command_id, error=error.failure)
        return Answer(id=command_id, ok=True, seq=seq, data=found)

    def refresh(self, user: User) -> None:
        """Its user is stored otherwise than before."""
        self.principal = dataclasses.replace(self.principal, user=user)

    def turn_to(self, log: ThreadLog, projection: ViewerProjection, place: int | None = None) -> None:
        """Read on in another log of the same thread, from `place` on, or by the last page."""
        if not self._is_open or self._is_cut or log is self._log:
            return
        before, self._log = self._log, log
        self.thread.close()
        self.thread = log.subscribe(turns=self._turns, projection=projection, on_news=self._on_news)
        self.thread.place = place if self._turns is not None else 0
        self._viewing.let_go(before)
        self._tell()

    def cut(self) -> None:
        """It may read no longer. Idempotent."""
        self._is_cut = True
        self._tell()

    def _tell(self) -> None:
        if self._on_news is not None:
            self._on_news()

    def close(self) -> None:
        """The viewer is gone. Idempotent."""
        if not self._is_open:
            return
        self._is_open = False
        self.thread.close()
        self._viewing.let_go(self._log)
        self._viewing.forget(self)


def share_info(share: Share) -> ShareInfo:
    """A share as its owner and its viewers know it."""
    return ShareInfo(id=share.id, kind=share.kind, created_at=share.created_at, url=f"share/{share.id}")
