"""A crowd that logs in, in a process of its own: `python -m benchmarks.harness.crowd URL COUNT`.

It waits for a line, then all of it comes at once; it prints for how many seconds the last one waited.
"""

from __future__ import annotations

import asyncio
import sys
import time

import aiohttp

__all__ = ["main"]

PATIENCE = 120.0


async def main(url: str, count: int) -> float:
    """Raises `RuntimeError` for a log-in that is not let in."""
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    timeout = aiohttp.ClientTimeout(PATIENCE)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout) as http:

        async def log_in(number: int) -> None:
            credentials = {"username": f"user-{number}", "password": "opensesame"}
            async with http.post(f"{url}api/v1/auth/login", json=credentials) as response:
                if response.status != 204:
                    raise RuntimeError(f"{response.status}: {await response.text()}")

        await asyncio.to_thread(sys.stdin.readline)
        start = time.perf_counter()
        await asyncio.gather(*(log_in(number) for number in range(count)))
        return time.perf_counter() - start


if __name__ == "__main__":
    print(asyncio.run(main(sys.argv[1], int(sys.argv[2]))))
