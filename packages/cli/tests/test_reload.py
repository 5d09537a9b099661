"""A saved file becomes the running app; the chat that is open goes on."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from convo import App
from convo.loader import load_app
from convo.protocol import CommandError, Notice
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
        self.refuses = False  # as `on_app_startup` that raises

    async def swap(self, app: App) -> list[str]:
        if self.refuses:
            raise OSError("no start")
        config, later = self._directory.config.renewed(app.config)
        await self._directory.swap(app.callbacks, config)
        self._directory.clear_notice("reload")
        self.heard.put_nowait("swapped")
        return later

    def renew_values(self, renew: Callable[[Any], Any]) -> None:
        for session in self._directory.sessions:
            session.values = {key: renew(value) for key, value in session.values.items()}

    def report_changed_info(self) -> None:
        self.heard.put_nowait("info")

    def report_failed_reload(self, text: str, detail: str | None) -> None:
        self._directory.post_notice(Notice(id="reload", type="reload-failed", text=text, detail=detail))
        self.heard.put_nowait("kept")

    def report_changed_elements(self, names: list[str]) -> None:
        self.heard.put_nowait(f"elements {names}")

    def report_changed_looks(self, names: list[str]) -> None:
        self.heard.put_nowait(f"looks {names}")


class Author:
    """Edits the file `app.py` in `folder`, while a visitor chats with it."""

    def __init__(self, folder: Path, chat: ChatClient, host: Host) -> None:
        self.folder = folder
        self.chat = chat
        self.host = host

    async def save(self, code: str, name: str = "app.py") -> str:
        """Save a file, and say what came of it: `swapped` or `kept`."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
        return await asyncio.wait_for(self.host.heard.get(), 10)

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
def folder(own_imports: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an app."""
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


async def test_a_slow_import_holds_up_no_stream(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    monkeypatch.setitem(sys.modules, "slow", SimpleNamespace(begun=begun, go_on=go_on))
    (folder / "app.py").write_text(
        "import asyncio, convo\n\n"
        "@convo.on_message\nasync def answer(message):\n"
        "    while True:\n        yield 'tick '\n        await asyncio.sleep(0.01)\n"
    )
    async with watching(folder) as author:
        run = await author.chat.post("go")
        saved = asyncio.create_task(author.save(says('"two"', "import slow; slow.begun.set(); slow.go_on.wait(5)")))

        assert await asyncio.to_thread(begun.wait, 10)
        seen = len(author.chat.messages[-1].output)
        await author.chat.until(lambda: len(author.chat.messages[-1].output) > seen + 50)
        assert not saved.done()
        go_on.set()
        assert await saved == "swapped"
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


async def test_settings_count_at_once_where_they_can_and_the_others_are_named(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(folder) as author:
        with caplog.at_level("INFO", "convo_cli"):
            toml = "[server]\nport = 9000\n[limits]\nmessage_bytes = 10\nframe_bytes = 5000\n[project]\nname = 'Ada'\n"
            assert await author.save(toml, "convo.toml") == "swapped"
            assert await author.ask() == "1: one"

        with pytest.raises(CommandError, match="10"):
            await author.chat.send("more than ten bytes")
        assert author.chat.messages[-1].author == "Ada"
        assert "From the next start on: server.port, limits.frame_bytes" in caplog.text


async def test_the_settings_of_a_profile_are_above_those_that_are_read_again(folder: Path) -> None:
    profile = "convo.ChatProfile(name='P', markdown_description='', config_overrides={'limits': {'message_bytes': 9}})"
    (folder / "app.py").write_text(
        f"{says(repr('one'))}\n@convo.set_chat_profiles\nasync def profiles(): return [{profile}]\n"
    )

    async with watching(folder) as author:
        assert await author.save("[project]\nname = 'Ada'\n[limits]\nmessage_bytes = 99\n", "convo.toml") == "swapped"

        with pytest.raises(CommandError, match="9"):
            await author.chat.send("more than nine bytes")
        await author.ask()
        assert author.chat.messages[-1].author == "Ada"


async def test_the_readme_and_pictures_of_authors_are_shown_anew(folder: Path) -> None:
    (folder / "public" / "avatars").mkdir(parents=True)
    async with watching(folder) as author:
        assert await author.save("# Hi", "convo.md") == "info"
        assert await author.save("# Hallo", "convo.de.md") == "info"
        assert await author.save("<svg/>", "public/avatars/ada.svg") == "info"


async def test_a_run_that_is_going_ends_on_the_code_it_began_with(folder: Path) -> None:
    (folder / "helper.py").write_text("WORD = 'old'\n")
    waits = says("(await convo.AskUserMessage('go?').send())['output'] + helper.WORD", "import helper")
    (folder / "app.py").write_text(waits)
    async with watching(folder) as author:
        run = await author.chat.post("hi")
        ask = await author.chat.asked()

        assert await author.save("WORD = 'new'\n", "helper.py") == "swapped"
        await author.chat.answer("yes ", ask)

        assert (await author.chat.reply(run)).messages[-1].output == "1: yes old"


async def test_a_start_that_fails_leaves_the_old_app_its_modules(folder: Path) -> None:
    (folder / "helper.py").write_text("WORD = 'old'\n")
    (folder / "app.py").write_text(says("__import__('helper').WORD", "import helper"))
    async with watching(folder) as author:
        author.host.refuses = True

        assert await author.save("WORD = 'new'\n", "helper.py") == "kept"

        assert await author.ask() == "1: old"
