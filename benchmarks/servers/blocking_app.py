"""convo with a callback that blocks, as authors write them who have never heard of async."""

from __future__ import annotations

import time
from collections.abc import Iterator

import convo

from benchmarks.servers.source import tokens


@convo.on_message
def answer(message: convo.Message) -> Iterator[str]:
    match message.content.split():
        case ["sleep", seconds]:
            time.sleep(float(seconds))
            yield "awake"
        case [_, count]:
            yield from tokens(int(count))
