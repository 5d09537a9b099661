"""A project outside this repository that keeps its files in S3: `convo-s3` alone, from its wheel."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.harness import emulator

pytestmark = pytest.mark.packaging

DRIVE = """
import asyncio
from pathlib import Path

import convo
from convo import MemoryDataLayer
from convo.principal import Principal
from convo.testing import ChatClient

app = convo.App()
ann, history = Principal("ann"), MemoryDataLayer()

@app.on_message
async def answer(message):
    await convo.Message(Path(message.elements[0].path).read_text().upper()).send()

async def main():
    async with ChatClient(app, data_layer=history, principal=ann) as chat:
        reply = await chat.send("look", files=[await chat.upload(b"from s3", "a.txt")])
        print(reply.content, type(chat.directory.files.storage).__name__)
        thread = chat.thread_id
    async with ChatClient(app, data_layer=history, principal=ann, thread=thread) as chat:
        print((await chat.read(chat.elements()[0])).decode())

asyncio.run(main())
"""


def test_files_are_kept_in_s3_and_found_again(install: Callable[..., Any], tmp_path: Path) -> None:
    installed = install("convo-s3")
    arguments = ("-H", "127.0.0.1", "-p", "{port}")
    with emulator.running("moto_server", *arguments, start="pip install 'moto[s3,server]'", cwd=tmp_path) as service:
        urllib.request.urlopen(urllib.request.Request(f"{service}/files", method="PUT"), timeout=10).close()
        (tmp_path / "convo.toml").write_text(f'[storage]\nurl = "s3://files?region=us-east-1&endpoint={service}"\n')
        environment = {"AWS_ACCESS_KEY_ID": "ann", "AWS_SECRET_ACCESS_KEY": "secret"}
        installed.environment = installed.environment | environment

        result = installed.run("python", "-W", "error", "-c", DRIVE, cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "FROM S3 S3Storage\nfrom s3\n"
    assert {name for name in installed.distributions() if name.startswith("convo")} == {"convo-core", "convo-s3"}
    assert not installed.distributions() & {"starlette", "boto3", "moto", "pytest"}
