"""A real Chromium."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "test-results"
AXE = ROOT / "packages/ui/node_modules/axe-core/axe.min.js"
SIZES = {"desktop": (1280, 860), "phone": (390, 844), "small": (320, 640)}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Chat:
    """A tab, as its user sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.foreseen: tuple[str, ...] = ("Failed to load resource", "WebSocket connection")
        self.hosts: set[str] = set()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("request", lambda request: self.hosts.add(re.sub(r"^(?:blob:)?\w+://([^/]*).*", r"\1", request.url)))

    def _console(self, message: Any) -> None:
        is_foreseen = any(text in message.text for text in self.foreseen)
        if message.type in ("error", "warning") and not is_foreseen:
            self.complaints.append(f"{message.type}: {message.text}")

    @property
    def composer(self) -> Any:
        return self.page.get_by_role("textbox", name="Message")

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def sees(self, text: str, timeout: float = 15) -> None:
        await self.page.get_by_text(text).filter(visible=True).first.wait_for(timeout=timeout * 1000)

    async def sees_not(self, text: str, timeout: float = 15) -> None:
        await self.page.get_by_text(text).first.wait_for(state="detached", timeout=timeout * 1000)

    async def transcript(self) -> str:
        return str(await self.page.locator("main").inner_text())

    async def answers(self) -> list[str]:
        """The texts of the answers, the oldest first."""
        texts = await self.page.locator("main .markdown").all_inner_texts()
        return [" ".join(text.split()) for text in texts]

    async def counts(self, answer: int = 0) -> list[int]:
        """The numbers of an answer that counts, as far as it has come."""
        return [int(number) for number in re.findall(r"\d+", (await self.answers())[answer])]

    async def counted_to(self, number: int, timeout: float = 20) -> None:
        await self.page.wait_for_function(
            "n => [...document.querySelectorAll('main .markdown')]"
            ".some(answer => answer.innerText.split(' ').includes(String(n)))",
            arg=number,
            timeout=timeout * 1000,
        )

    async def clipboard(self) -> str:
        return str(await self.page.evaluate("navigator.clipboard.readText()"))

    async def copied(self, button: str) -> str:
        """Presses the last button of this name; what is on the clipboard once a button says that it is done."""
        await self.page.get_by_role("button", name="Copied", exact=True).wait_for(state="hidden")
        await self.page.get_by_role("button", name=button, exact=True).last.click()
        await self.page.get_by_role("button", name="Copied", exact=True).wait_for()
        return await self.clipboard()

    async def shot(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")

    async def violations(self) -> list[str]:
        """What axe-core finds wrong with the page as it is."""
        await self.page.evaluate(AXE.read_text("utf-8"))
        found = await self.page.evaluate("axe.run()")
        return [f"{rule['id']}: {[node['target'] for node in rule['nodes']]}" for rule in found["violations"]]

    async def portray(self, name: str) -> None:
        """Pictures in light and dark, on three sizes. In none anything may be wrong, or wider than the screen."""
        before = self.page.viewport_size
        for theme in ("light", "dark"):
            await self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            for device, (width, height) in SIZES.items():
                await self.page.set_viewport_size({"width": width, "height": height})
                await self.shot(f"{name}-{theme}-{device}")
                assert await self.violations() == [], f"{name}, {theme}, {device}"
                assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), device
        await self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        if before is not None:
            await self.page.set_viewport_size(before)


@pytest.fixture
def flags() -> list[str]:
    """What a test's Chromium gets beside `FLAGS`."""
    return []


@pytest.fixture
async def chromium(flags: list[str]) -> AsyncIterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        reason = "Chromium is missing: apt-get install -y --no-install-recommends chromium fonts-liberation"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    expect.set_options(timeout=15_000)  # as long as `sees` waits
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=[*FLAGS, *flags])
        yield browser
        await browser.close()


@pytest.fixture
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    yield context
    await context.close()


OpenTab = Callable[..., Awaitable[Chat]]


@pytest.fixture
async def open_tab(context: BrowserContext) -> AsyncIterator[OpenTab]:
    """Opens a tab; at the end no tab may have complained, nor asked another host for anything."""
    chats: list[Chat] = []

    async def open_tab(url: str) -> Chat:
        chat = Chat(await context.new_page())
        chats.append(chat)
        await chat.page.goto(url)
        await chat.composer.wait_for()
        return chat

    yield open_tab
    for chat in chats:
        assert chat.complaints == []
        assert all(host.startswith("127.0.0.1") for host in chat.hosts), chat.hosts
