"""An app outside this repository that is on a chat platform, in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

__all__ = ["serving"]

_SERVE = """
import asyncio, sys

import convo
from convo.bridge import Platforms
assert "LIBRARY" not in sys.modules
assert convo.App().config.platforms["PLATFORM"].bot_token
assert "LIBRARY" not in sys.modules

app = convo.App()

@app.on_message
async def answer(message):
    await convo.Message(message.content.upper()).send()

async def main():
PRELUDE
    directory = await app.startup()
    platforms = Platforms.of(app.config)
    platforms.start(directory)
    print("started", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await platforms.stop_receiving()
    await app.shutdown(directory)
    await platforms.stop(10)
    print(platforms.states["PLATFORM"].status)

asyncio.run(main())
"""


@asynccontextmanager
async def serving(
    installed: Any, folder: Path, platform: str, library: str, variables: Mapping[str, str], prelude: str = ""
) -> AsyncIterator[None]:
    """Let an app that shouts be on a platform, which `variables` alone ask for; in the end it has ended in peace.

    `prelude` is code that is run before it starts. The platform's `library` is loaded by nothing before that.
    """
    lines = "\n".join(f"    {line}" for line in prelude.splitlines())
    script = _SERVE.replace("PRELUDE", lines).replace("PLATFORM", platform).replace("LIBRARY", library)
    (folder / "serve.py").write_text(script)
    process = await asyncio.create_subprocess_exec(
        installed.bin / "python",
        "serve.py",
        cwd=folder,
        env={**installed.environment, **variables},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield
        said, wrong = await process.communicate(b"\n")
    finally:
        if process.returncode is None:
            process.kill()
    assert (process.returncode, said.decode().split(), wrong.decode()) == (0, ["started", "stopped"], "")
    names = {name for name in installed.distributions() if name.startswith("convo")}
    assert names == {"convo-core", f"convo-{platform}"}
