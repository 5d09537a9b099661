"""A saved file becomes the running app; the chat that is open goes on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from convo import App
from convo.loader import load_app
from convo.protocol import Notice
from convo.testing import ChatClient
from convo_cli.reload import Reloader

APP = """
import convo
{imports}

@convo.on_message
async def answer(message):
    turn = convo.user_session.get("turn", 0) + 1
    convo.user_session.set("turn", turn)
    await convo.Message(f"{{turn}}: " + {says}).send()
"""


class Host:
    """The server's part, on the directory that the client is connected to."""

    def __init__(self, chat: ChatClient) -> None:
        self._directory = chat.directory
        self.heard = asyncio.Queue[str]()

    async def swap(self, app: App) -> None:
        self._directory.swap(app.callbacks)
        self._directory.clear_notice("reload")
        self.heard.put_nowait("swapped")

    def report_failed_reload(self, text: str, detail: str | None) -> None:
        self._directory.post_notice(Notice(id="reload", type="reload-failed", text=text, detail=detail))
        self.heard.put_nowait("kept")

    def report_changed_elements(self, names: list[str]) -> None:
        self.heard.put_nowait(f"elements {names}")


class Author:
    """Edits the file `app.py` in `folder`, while a visitor chats with it."""

    def __init__(self, folder: Path, chat: ChatClient, host: Host) -> None:
        self.folder = folder
        self.chat = chat
        self._host = host

    async def save(self, code: str, name: str = "app.py") -> str:
        """Save a file, and say what came of it: `swapped` or `kept`."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
        return await asyncio.wait_for(self._host.heard.get(), 10)

    async def ask(self) -> str:
        return (await self.chat.send("hi")).content


@asynccontextmanager
async def watching(folder: Path, settings: dict[str, Any] | None = None) -> AsyncIterator[Author]:
    target = str(folder / "app.py")
    app = load_app(target)
    app.configure(str(folder), settings)
    stop = asyncio.Event()
    async with ChatClient(app) as chat:
        host = Host(chat)
        task = asyncio.create_task(Reloader(target, settings or {}, host).watch(stop))
        await asyncio.sleep(0)  # the task's first step sets up the watch
        try:
            yield Author(folder, chat, host)
        finally:
            stop.set()
            await task


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an app; what the app puts on `sys.path` and in `sys.modules` goes with it."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", sys.modules)
    for name in ("app", "helper", "tools", "tools.weather"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "app.py").write_text(says('"one"'))
    return tmp_path


def says(expression: str, imports: str = "") -> str:
    return APP.format(says=expression, imports=imports)


async def test_a_save_changes_the_answers_and_keeps_the_session(folder: Path) -> None:
    async with watching(folder) as author:
        assert await author.ask() == "1: one"

        assert await author.save(says('"two"')) == "swapped"

        assert await author.ask() == "2: two"
        assert author.chat.is_connected


async def test_a_save_of_the_same_size_in_the_same_second_counts(folder: Path) -> None:
    async with watching(folder) as author:
        for word in ("two", "six", "ten"):
            assert await author.save(says(f'"{word}"')) == "swapped"
            assert (await author.ask()).endswith(word)


async def test_a_broken_save_keeps_the_old_app_and_says_why_until_it_is_mended(folder: Path) -> None:
    async with watching(folder) as author:
        assert await author.save("def broken(:\n") == "kept"
        assert await author.ask() == "1: one"
        notice = await author.chat.until(lambda: next(iter(author.chat.shown_notices), None))
        assert f"{folder / 'app.py'}:1" in notice.text

        assert await author.save(says('"two"')) == "swapped"

        assert await author.ask() == "2: two"
        await author.chat.until(lambda: not author.chat.shown_notices)


async def test_code_that_raises_is_kept_out_with_its_traceback(folder: Path) -> None:
    async with watching(folder) as author:
        assert await author.save(says("1", imports="1 / 0")) == "kept"

        notice = await author.chat.until(lambda: next(iter(author.chat.shown_notices), None))
        assert notice.detail is not None
        assert notice.detail.endswith("ZeroDivisionError: division by zero")


async def test_a_neighbour_and_a_package_are_reloaded_with_the_app(folder: Path) -> None:
    (folder / "tools").mkdir()
    (folder / "tools" / "weather.py").write_text('SKY = "clear"\n')
    (folder / "helper.py").write_text('WORD = "old"\n')
    imports = "from helper import WORD\nfrom tools import weather"
    (folder / "app.py").write_text(says("f'{WORD} {weather.SKY}'", imports))

    async with watching(folder) as author:
        assert await author.ask() == "1: old clear"

        assert await author.save('WORD = "new"\n', "helper.py") == "swapped"
        assert await author.save('SKY = "cloud"\n', "tools/weather.py") == "swapped"

        assert await author.ask() == "2: new cloud"


async def test_after_a_broken_save_the_old_app_still_imports_its_own_modules(folder: Path) -> None:
    (folder / "helper.py").write_text('WORD = "old"\n')
    (folder / "app.py").write_text(says('__import__("helper").WORD', "import helper"))

    async with watching(folder) as author:
        old = sys.modules["helper"]

        assert await author.save('WORD = "new"\n1 / 0\n', "helper.py") == "kept"

        assert await author.ask() == "1: old"
        assert sys.modules["helper"] is old


async def test_settings_are_read_again_and_a_wrong_one_is_kept_out(folder: Path) -> None:
    async with watching(folder) as author:
        assert await author.save("[project]\nnmae = 'x'\n", "convo.toml") == "kept"
        notice = await author.chat.until(lambda: next(iter(author.chat.shown_notices), None))
        assert "Did you mean `name`?" in notice.text
        assert notice.detail is None

        assert await author.save("[project]\nname = 'x'\n", "convo.toml") == "swapped"


async def test_libraries_in_the_folder_are_left_alone(folder: Path) -> None:
    reloader = Reloader(str(folder / "app.py"), {}, Host.__new__(Host))

    for name in (".venv/lib/x.py", "venv/lib/x.py", "env/site-packages/x.py", "node_modules/x.py", ".git/x.py"):
        assert not reloader._is_authors(folder / name)
    assert reloader._is_authors(folder / "tools" / "weather.py")


async def test_a_slow_import_holds_up_no_stream(folder: Path) -> None:
    (folder / "app.py").write_text(
        "import asyncio, convo\n\n"
        "@convo.on_message\nasync def answer(message):\n"
        "    while True:\n        yield 'tick '\n        await asyncio.sleep(0.01)\n"
    )
    async with watching(folder) as author:
        run = await author.chat.post("go")
        saved = asyncio.create_task(author.save(says('"two"', "import time; time.sleep(1)")))

        longest, last = 0.0, asyncio.get_running_loop().time()
        while not saved.done():
            await asyncio.sleep(0.01)
            now = asyncio.get_running_loop().time()
            longest, last = max(longest, now - last), now

        assert longest < 0.7
        await author.chat.stop(run)
        assert await author.ask() == "1: two"


async def test_a_saved_component_is_shown_anew_and_the_app_stays(folder: Path) -> None:
    (folder / "public" / "elements").mkdir(parents=True)
    async with watching(folder) as author:
        assert await author.save("one", "public/elements/Counter.jsx") == "elements ['Counter.jsx']"
        assert await author.save("two", "public/elements/Form.tsx") == "elements ['Form.tsx']"
        (folder / "public" / "elements" / "notes.txt").write_text("nothing to show")
        (folder / "public" / "other.jsx").write_text("nothing to show")
        assert await author.save(says('"two"')) == "swapped"
