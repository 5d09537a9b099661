"""What whole-stack tests begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from tests.harness.network import Connect, Network
from tests.harness.server import Serve, Server


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Serve]:
    """Starts `convo` with the arguments given; `app=` is the text of an app to run.

    `settings` are those of the environment, as `{"DATA__URL": …}`.
    """
    servers: list[Server] = []

    async def serve(*arguments: str, app: str | None = None, settings: Mapping[str, str] | None = None) -> Server:
        if app is not None:
            (tmp_path / "app.py").write_text(app)
            arguments = ("run", "app.py", *arguments)
        server = Server(*arguments, cwd=tmp_path, settings=settings)
        servers.append(server)
        await server.start()
        return server

    yield serve
    for server in servers:
        await server.end()


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Puts a network that can be cut in front of a server."""
    networks: list[Network] = []

    async def connect(server: Server) -> Network:
        network = Network(server.port)
        networks.append(network)
        await network.start()
        return network

    yield connect
    for network in networks:
        await network.end()
