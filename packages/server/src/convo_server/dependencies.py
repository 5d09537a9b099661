"""Dependencies: who asks, and for which thread, for an author's own endpoints.

They are functions of a request or a WebSocket: FastAPI's `Depends` takes them as they are, any other endpoint awaits
them. What is not the principal's is refused as by the API, with an `HTTPException` that the endpoint's app answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from convo.principal import Principal
from convo.protocol import PROTOCOL_VERSION, CommandError, Connect, Snapshot
from convo.session import Session
from convo.thread import ThreadDict, thread_dict
from starlette.requests import HTTPConnection

from convo_server.errors import Refusal
from convo_server.host import Host
from convo_server.place import PLACES, Place
from convo_server.trace import trace_of

__all__ = ["Dependencies", "current_principal", "current_session", "current_thread"]


class Dependencies:
    """Of one app, by the `Host` that `mount` has returned; without one, of the only app that is there."""

    def __init__(self, host: Host | None = None) -> None:
        self._host = host

    async def principal(self, connection: HTTPConnection) -> Principal:
        """Who asks. Raises `HTTPException`: 401 for who is not known, or whose page may not ask."""
        return await self._recognise(*self._find(connection))

    async def thread(self, connection: HTTPConnection, thread_id: str) -> ThreadDict:
        """A thread of theirs as it stands, live or stored. Makes no session. Raises `HTTPException`: 401, 404."""
        host, inner = self._find(connection)
        principal = await self._recognise(host, inner)
        with _refusing():
            frame = await host.directory.read(principal, thread_id)
        assert isinstance(frame, Snapshot)  # of a reader without a position
        return thread_dict(frame.state, None if principal.user is None else principal.user.identifier)

    async def session(self, connection: HTTPConnection, thread_id: str) -> Session:
        """The session of a thread of theirs: live, or resumed. Raises `HTTPException`: 401, 404.

        To write into it, or to use `convo.user_session`, enter its thread: `async with app.thread(thread_id)`.
        """
        host, inner = self._find(connection)
        principal = await self._recognise(host, inner)
        connect = Connect(protocol=PROTOCOL_VERSION, client="api", thread=thread_id)
        with _refusing():
            session, _ = await host.directory.open(principal, connect, trace=trace_of(inner))
        return session

    def _find(self, connection: HTTPConnection) -> tuple[Host, HTTPConnection]:
        """The app that is meant, and the connection as if it had come to it."""
        places: dict[Host, Place] = connection.scope.get(PLACES, {})
        hosts = list(places) if self._host is None else [one for one in places if one is self._host]
        if not hosts:
            raise RuntimeError("No such convo app is here: `convo_server.mount` puts it into the app of this endpoint.")
        if len(hosts) > 1:
            raise RuntimeError(
                f"{len(hosts)} convo apps are mounted here: say which is meant, by `Dependencies(host)` with the "
                "`Host` that `mount` has returned."
            )
        [host] = hosts
        place = places[host]
        return host, HTTPConnection({**connection.scope, "root_path": place.root, PLACES: {host: place}})

    async def _recognise(self, host: Host, inner: HTTPConnection) -> Principal:
        with _refusing():
            host.origins.check_host(inner)
            return await host.authentication.authenticate(inner)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        raise Refusal(error.failure) from error


_only = Dependencies()
current_principal = _only.principal
current_thread = _only.thread
current_session = _only.session
