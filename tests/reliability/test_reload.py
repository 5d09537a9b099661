"""Edits in a row while people chat: the app always answers, and what is right on disk is soon what runs."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from tests.harness.server import Server
from tests.reliability.tab import Tab

pytestmark = pytest.mark.timeout(1800)

MODULES = 18
APP = """
import asyncio
import convo
from parts import words
from parts.basket import Basket

@convo.on_app_startup
async def start():
    async def beat():
        while True:
            await asyncio.sleep(3600)
    asyncio.create_task(beat(), name="beat")

@convo.on_message
async def answer(message):
    basket = convo.user_session.get("basket") or Basket()
    assert isinstance(basket, Basket), "a class of an earlier edit"
    basket.count += 1
    convo.user_session.set("basket", basket)
    beats = sum(task.get_name() == "beat" for task in asyncio.all_tasks())
    await convo.Message(f"{words.say()} {basket.count} {beats}").send()
"""
BASKET = """
from dataclasses import dataclass

@dataclass
class Basket:
    count: int = 0
"""


class Author:
    """Edits an app of twenty modules in `folder`. After `mend` all is right, and answers tell the version."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.folder = folder
        self.version = 0
        self.edits = 0
        self._dice = dice
        (folder / "parts").mkdir()
        self.mend()
        self.edits = 0

    def mend(self) -> None:
        """Make everything right, as another version."""
        self.version += 1
        names = [f"part{number}" for number in range(MODULES - 2)]
        for number, name in enumerate(names):
            later = f"from parts.{names[number + 1]} import value" if number + 1 < len(names) else "value = 1"
            self._save(f"parts/{name}.py", f"{later}\n")
        self._save("parts/basket.py", BASKET)
        self._save("parts/words.py", f"from parts.part0 import value\n\ndef say():\n    return 'v{self.version}'\n")
        self._save("app.py", APP)
        self._save("convo.toml", f"[project]\nname = 'Version {self.version}'\n")
        self.edits += 1

    def spoil(self) -> str:
        """Make one thing wrong; returns what the error says of it."""
        self.edits += 1
        part = f"parts/part{self._dice.randrange(MODULES - 2)}.py"
        match self._dice.choice(("syntax", "rename", "delete", "cycle", "raise", "startup", "setting", "app", "exit")):
            case "syntax":
                self._save(part, f"def broken({self.version}\n")
                return "part"
            case "rename":
                self._save("parts/words.py", f"def tell():\n    return 'wrong {self.version}'\n")
                self._save("app.py", APP.replace("from parts import words", "from parts.words import say"))
                return "cannot import name 'say'"
            case "delete":
                (self.folder / part).unlink()
                return "No module named"
            case "cycle":
                self._save("parts/part0.py", "from parts.words import say\nvalue = say\n")
                return "circular import"
            case "raise":
                self._save(part, "1 / 0\n")
                return "division by zero"
            case "startup":
                self._save(
                    "app.py",
                    APP.replace("    asyncio.create_task", '    raise OSError("no start")\n    asyncio.create_task'),
                )
                return "no start"
            case "setting":
                self._save("convo.toml", "[project]\nnmae = 1\n")
                return "nmae"
            case "app":
                (self.folder / "app.py").unlink()
                return "There is no file"
            case _:
                self._save(part, "raise SystemExit(3)\n")
                return "SystemExit"

    def _save(self, name: str, text: str) -> None:
        path = self.folder / name
        if not path.is_file() or path.read_text() != text:
            path.write_text(text)


async def test_two_hundred_edits_in_a_row(serve: Any, open_tab: Any, campaign: Any, tmp_path: Path) -> None:
    edits = campaign.of("edits", 200, 12)
    author = Author(tmp_path, campaign.random)
    server: Server = await serve("run", "app.py", "-w", "--headless")
    tab: Tab = await open_tab(server)
    other: Tab = await open_tab(server)
    log, counts, memory = tab.log, {id(tab): 0, id(other): 0}, 0

    async def ask(tab: Tab) -> str:
        """The version that answers. That it answers at all, with what the session holds, is what this is about."""
        counts[id(tab)] += 1
        await tab.ask("hi", f"c{counts[id(tab)]}")
        version, count, beats = tab.answers[-1].split()
        assert int(count) == counts[id(tab)]
        assert int(beats) <= 2  # that of the app before ends when its answers have
        return version

    async def until_answered_by(version: int) -> None:
        async with asyncio.timeout(20):
            while await ask(tab) != f"v{version}":
                await asyncio.sleep(0.06)  # as many questions as one may ask

    async def until_shown(text: str, after: int) -> None:
        await tab.until(lambda: any(text in f"{one.text} {one.detail}" for one in tab.notices[after:]), 20)

    assert await ask(tab) == "v1"
    await ask(other)
    while author.edits < edits:
        heard = len(tab.notices)
        says = author.spoil()
        assert await ask(tab) == f"v{author.version}"
        await until_shown(says, heard)
        assert await ask(tab) == f"v{author.version}"
        assert "reload" in tab.standing

        author.mend()
        await until_answered_by(author.version)
        await tab.until(lambda: "reload" not in tab.standing, 20)
        if author.edits >= edits // 4 and not memory:
            memory = server.memory

    assert await ask(other) == f"v{author.version}"
    assert (tab.log, tab.is_connected, other.is_connected) == (log, True, True)
    assert edits < 100 or server.memory < memory * 1.1
