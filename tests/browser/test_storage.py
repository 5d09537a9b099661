"""Files that are kept in S3, as a real Chromium shows them."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.harness import emulator

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

APP = """
import convo

@convo.on_message
async def answer(message):
    if not message.elements:
        await convo.Message("Still here.").send()
        return
    [sent] = message.elements
    elements = [
        convo.Image(name="twin", path=sent.path),
        convo.Text(name="notes", content="What was seen on it."),
    ]
    await convo.Message(f"It is a {sent.mime}.", elements=elements).send()
"""


def _ask(url: str, method: str = "GET") -> str:
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as response:
        body: bytes = response.read()
    return body.decode()


@pytest.mark.parametrize("redirect", ["true", "false"])
async def test_files_in_s3_are_shown_and_outlive_the_server(
    serve: Any, open_tab: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redirect: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ann")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    arguments = ("-H", "127.0.0.1", "-p", "{port}")
    with emulator.running("moto_server", *arguments, start="pip install 'moto[s3,server]'", cwd=tmp_path) as s3:
        _ask(f"{s3}/files", "PUT")
        settings = {
            "STORAGE__URL": f"s3://files?region=us-east-1&endpoint={s3}",
            "STORAGE__REDIRECT": redirect,
            "DATA__URL": "sqlite:///history.db",
        }
        server = await serve(app=APP, settings=settings)
        chat = await open_tab(server.url)
        picture = tmp_path / "cat.png"
        picture.write_bytes(await chat.page.screenshot())
        async with chat.page.expect_file_chooser() as chooser:
            await chat.page.get_by_role("button", name="Attach files").click()
        await (await chooser.value).set_files([picture])
        await chat.page.get_by_role("button", name="Remove cat.png").wait_for()
        await chat.composer.press("Enter")
        await chat.sees("It is a image/png.")
        await _shows_all(chat)
        assert (s3.partition("//")[2] in chat.hosts) == (redirect == "true")

        await server.end()
        await server.start()
        await chat.page.reload()
        await chat.sees("It is a image/png.")
        await _shows_all(chat)
        await chat.portray(f"storage-{redirect}")

        session = await chat.page.context.new_cdp_session(chat.page)
        await session.send("Network.enable")
        await session.send("Network.clearBrowserCache")
        await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        _ask(f"{s3}/moto-api/reset", "POST")
        _ask(f"{s3}/files", "PUT")
        await chat.page.reload()
        await chat.sees("The file is not there any more.")
        await chat.portray(f"storage-gone-{redirect}")

    await chat.page.reload()
    await chat.sees("The server did not answer.", timeout=30)
    await chat.say("Is anybody there?")
    await chat.sees("Still here.")


async def _shows_all(chat: Any) -> None:
    await chat.sees("What was seen on it.")
    await chat.page.wait_for_function(
        "() => { const all = [...document.querySelectorAll('main img')];"
        " return all.length >= 2 && all.every(one => one.complete && one.naturalWidth > 0); }"
    )
