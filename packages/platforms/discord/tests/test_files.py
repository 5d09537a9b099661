"""Files both ways."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import convo
import pytest
from convo.bridge import Attachment
from convo_discord.files import file_name

from tests.harness.model_server import PIXEL
from tests.platforms.fakes.discord import FakeDiscord


@pytest.fixture
def app(tmp_path: Path) -> convo.App:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        kinds = [type(element).__name__ for element in message.elements]
        sizes = [Path(element.path).stat().st_size for element in message.elements if element.path]
        elements: list[Any] = []
        match message.content:
            case "picture":
                elements = [convo.Image(name="a pixel", content=PIXEL)]
            case "large":
                (tmp_path / "large.bin").write_bytes(bytes(50_000_000))
                elements = [convo.File(name="large.bin", path=tmp_path / "large.bin")]
            case "elsewhere":
                elements = [convo.Image(name="cat", url="https://example.com/cat.png")]
            case "code":
                await convo.Message("Here:\n\n```python\n" + "x = 1\n" * 1000 + "```\n\nThat is it.").send()
                return
        await convo.Message(f"{kinds} {sizes}", elements=elements).send()

    return app


async def _until_posted(discord: FakeDiscord, place: Any, count: int) -> list[Any]:
    await discord.until(lambda: len(discord.posted(place)) >= count, f"{count} messages")
    return discord.posted(place)


async def test_what_people_send_arrives_as_what_it_is(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann = discord.person("Ann")
    files = [
        ("cat.png", "image/png", PIXEL),
        ("voice-message.ogg", "audio/ogg", b"OggS" + bytes(60)),
        ("notes.txt", "text/plain; charset=utf-8", b"some notes"),
    ]
    await discord.say(ann, discord.dm(ann), "see", files=files)
    (answer,) = await _until_posted(discord, discord.dm(ann), 1)

    assert answer["content"] == f"['Image', 'Audio', 'File'] [{len(PIXEL)}, 64, 10]"


async def test_fifty_megabytes_are_never_whole_in_memory(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann = discord.person("Ann")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    message = await discord.say(ann, discord.dm(ann), "see", files=[("b.bin", "application/x-b", bytes(50_000_000))])
    (answer,) = await _until_posted(discord, discord.dm(ann), 1)

    assert answer["content"] == "['File'] [50000000]"
    assert message["attachments"][0]["size"] == 50_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # kB; the fake holds it twice


async def test_a_file_that_is_gone_is_said(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann = discord.person("Ann")
    message = await discord.say(discord.person("Bob"), discord.general, "x", files=[("a.txt", "text/plain", b"a")])
    discord._content.clear()
    await discord.say(ann, discord.dm(ann), "see", attachments=message["attachments"])
    (answer,) = await _until_posted(discord, discord.dm(ann), 1)

    assert answer["content"] == "-# The file is not there any more."


async def test_what_the_app_shows_is_sent_as_files(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "picture")
    _, picture = await _until_posted(discord, discord.dm(ann), 2)
    assert picture["attachments"][0]["filename"] == "a pixel.png"
    assert discord.content_of(picture["attachments"][0]) == PIXEL

    await discord.say(ann, discord.dm(ann), "elsewhere")
    *_, link = await _until_posted(discord, discord.dm(ann), 4)
    assert link["content"] == "https://example.com/cat.png"

    await discord.say(ann, discord.dm(ann), "code")
    await discord.until(lambda: any("That is it." in one for one in discord.texts(discord.dm(ann))))
    (code,) = [one for one in discord.posted(discord.dm(ann)) if one["attachments"]][1:]
    assert discord.content_of(code["attachments"][0]).decode() == "x = 1\n" * 1000


async def test_a_file_that_discord_does_not_take_is_named_instead(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "large")
    _, note = await _until_posted(discord, discord.dm(ann), 2)

    assert note["content"].startswith("-# **large.bin**")
    assert discord.made("POST", "/messages$")[-1].files == []


@pytest.mark.parametrize(
    ("name", "mime", "shown"),
    [
        ("a.png", "image/png", "a.png"),
        ("chart", "image/png", "chart.png"),
        ("../../etc/passwd", None, "_.._etc_passwd"),
        ("", "audio/mpeg", "file.mp3"),
        ("x" * 300, "text/plain", "x" * 100 + ".txt"),
    ],
)
def test_a_file_has_a_name_that_says_what_it_is(name: str, mime: str | None, shown: str) -> None:
    assert file_name(Attachment("1", name, "file", mime)) == shown
