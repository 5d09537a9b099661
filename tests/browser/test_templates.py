"""What `convo create` makes, started and talked to in a real Chromium."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import convo_cli.templates
import pytest
from playwright.async_api import expect

from tests.browser.conftest import Chat
from tests.harness import databases
from tests.harness.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SECRET = "a secret that only this test knows, of some length"


async def run(*command: str, cwd: Path, variables: Mapping[str, str] | None = None, typed: str = "") -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=cwd,
        env=os.environ | (variables or {}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate(typed.encode())
    assert process.returncode == 0, errors.decode()
    return out.decode()


@asynccontextmanager
async def project(
    template: str, folder: Path, settings: Mapping[str, str], app: str | None = None
) -> AsyncIterator[Server]:
    """A project of that template, created by the command and served as its README says; or with `app` in its place."""
    await run("-m", "convo_cli", "create", "corner-shop", "--template", template, cwd=folder)
    if app is not None:
        (folder / "corner-shop" / "served.py").write_text(app)
    file = "app.py" if app is None else "served.py"
    server = Server("run", file, cwd=folder / "corner-shop", settings=settings)
    await server.start()
    try:
        yield server
    finally:
        await server.end()
    assert server.complaints == []


async def test_echo_answers(tmp_path: Path, open_tab: Any) -> None:
    async with project("echo", tmp_path, {}) as server:
        chat = await open_tab(server.url)
        await expect(chat.page).to_have_title("Corner shop")
        await chat.say("two words")
        await chat.sees("which is 2 words.")
        await chat.shot("template-echo")


async def test_openai_streaming_answers_with_what_the_model_says(
    tmp_path: Path, open_tab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(convo_cli.templates.__path__[0]) / "openai-streaming" / "tests"))
    from fake_openai import FakeOpenAI

    with FakeOpenAI() as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.url)
        monkeypatch.setenv("OPENAI_API_KEY", "a key of nobody's")
        async with project("openai-streaming", tmp_path, {}) as server:
            chat = await open_tab(server.url)
            await chat.say("How is the weather?")
            await chat.sees("It is sunny today.")
            assert len(model.requests) == 1
            await chat.shot("template-openai-streaming")


SHOP = """
import sys
sys.path.append("tests")

import agent
from fake_model import FakeModel

order = {"name": "order", "args": {"item": "lamps", "count": 2}}
model = FakeModel(streaming=True, answers=[order, "There are **5** lamps now."])
agent.chat_model = lambda: model

import app
"""


async def test_langgraph_agent_asks_before_it_orders(
    tmp_path: Path, open_tab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a key of nobody's")
    async with project("langgraph-agent", tmp_path, {}, SHOP) as server:
        chat = await open_tab(server.url)
        await chat.say("Two more lamps, please")
        await chat.sees("Order 2 lamps?")
        await chat.page.get_by_role("button", name="Yes", exact=True).click()
        await chat.sees("There are 5 lamps now.")
        await chat.shot("template-langgraph-agent")


LIBRARY = """
import sys
sys.path.append("tests")

import library
from fake_models import FakeEmbedding, FakeModel

model = FakeModel(answers=["Within **30** days, with the receipt."])
library.chat_model = lambda: model
library.embedding_model = FakeEmbedding

import app
"""


async def test_rag_llama_index_answers_from_its_documents_and_shows_them(
    tmp_path: Path, open_tab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a key of nobody's")
    async with project("rag-llama-index", tmp_path, {}, LIBRARY) as server:
        chat = await open_tab(server.url)
        await chat.say("Can things be returned with the receipt?")
        await chat.sees("Within 30 days, with the receipt.")
        await chat.page.locator("main").get_by_role("link", name="returns.md").click()
        panel = chat.page.get_by_role("complementary", name="returns.md")
        await panel.get_by_text("What was bought can be returned within 30 days").wait_for()
        await chat.shot("template-rag-llama-index")


async def test_multi_user_lets_in_whom_it_knows_and_keeps_what_was_said_in_postgresql(
    tmp_path: Path, context: Any
) -> None:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(databases.postgresql())
        settings = {"DATA__URL": url, "AUTH__SECRET": SECRET}
        server = await stack.enter_async_context(project("multi-user", tmp_path, settings))
        add = ("users.py", "add", "ann", "--role", "admin")
        variables = {"CONVO_DATA__URL": url}
        await run(*add, cwd=tmp_path / "corner-shop", variables=variables, typed="correct horse battery\n")
        page = await context.new_page()
        await page.goto(server.url)
        await page.get_by_label("User name or e-mail").fill("Ann")
        await page.get_by_label("Password", exact=True).fill("correct horse battery")
        await page.get_by_role("button", name="Sign in", exact=True).click()
        chat = Chat(page)
        await chat.composer.wait_for()
        await chat.say("hello")
        await chat.sees("Ann, you said: hello")
        await page.wait_for_url("**/thread/**")

        await server.restart()
        await page.reload()
        await chat.sees("Ann, you said: hello")
        await chat.shot("template-multi-user")
