"""Between a data layer and DynamoDB: passes requests on, or does what a busy service or a bad network does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web

WRITES = ("TransactWriteItems", "UpdateItem", "BatchWriteItem", "PutItem", "DeleteItem")


class Gate:
    """`refuse` says for each request (operation, body) what to answer instead of DynamoDB: `None` passes it on.

    `stop_after` writes, nothing gets an answer any more; with `is_late` the last one of them is carried out, though.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self.refuse: Callable[[str, dict[str, Any]], dict[str, Any] | None] = lambda operation, body: None
        self.before: Callable[[str], Awaitable[None]] | None = None  # waited for before a request is passed on
        self.operations: list[str] = []
        self.stopped = asyncio.Event()
        self._left: int | None = None
        self._is_late = False

    def stop_after(self, writes: int, *, is_late: bool = False) -> None:
        self._left, self._is_late = writes, is_late

    async def __aenter__(self) -> Gate:
        self._session = aiohttp.ClientSession(auto_decompress=False)
        app = web.Application(client_max_size=32_000_000)
        app.router.add_post("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        self.address = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        self.operations.append(operation)
        refusal = self.refuse(operation, json.loads(body))
        if refusal is not None:
            status = 400 if "__type" in refusal else 200
            return web.json_response(refusal, status=status, content_type="application/x-amz-json-1.0")
        if self._left is not None and operation in WRITES:
            self._left -= 1
            if self._left < 0 and not self._is_late:
                await self._nothing()
        if self.before is not None:
            await self.before(operation)
        answer = await self._pass_on(request, body)
        if self._left is not None and self._left < 0:
            await self._nothing()
        return answer

    async def _pass_on(self, request: web.Request, body: bytes) -> web.Response:
        kept = {k: v for k, v in request.headers.items() if k not in ("Host", "Content-Length", "Connection")}
        async with self._session.post(self._endpoint + request.path_qs, data=body, headers=kept) as answer:
            kind = answer.headers.get("Content-Type", "application/x-amz-json-1.0")
            return web.Response(status=answer.status, body=await answer.read(), headers={"Content-Type": kind})

    async def _nothing(self) -> None:
        self.stopped.set()
        await asyncio.Event().wait()
