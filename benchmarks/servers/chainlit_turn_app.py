"""Chainlit with a turn of one nested step and one reply. Says what has reached the database when asked."""

from __future__ import annotations

import json

import chainlit

from benchmarks.servers.chainlit_history import COUNTS, keep

keep()


@chainlit.on_message  # type: ignore[untyped-decorator]  # it is not installed where types are checked
async def answer(message: chainlit.Message) -> None:
    if message.content == "count":
        await chainlit.Message(content=json.dumps([COUNTS["statements"], COUNTS["transactions"]])).send()
        return
    async with chainlit.Step(name="Search", type="tool") as search:
        search.output = "found"
    await chainlit.Message(content=f"About {message.content}").send()
