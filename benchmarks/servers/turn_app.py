"""convo with a turn of one nested step and one reply. Counts what reaches the database, and says it when asked."""

from __future__ import annotations

import json
from typing import Any

import convo
from sqlalchemy import Engine, event

statements = transactions = 0


@event.listens_for(Engine, "before_cursor_execute")
def count_statement(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
    global statements
    if not statement.startswith(("BEGIN", "PRAGMA")):
        statements += 1


@event.listens_for(Engine, "commit")
def count_transaction(connection: Any) -> None:
    global transactions
    transactions += 1


@convo.on_message
async def answer(message: convo.Message) -> None:
    if message.content == "count":
        await convo.Message(json.dumps([statements, transactions])).send()
        return
    async with convo.Step("Search", type="tool") as search:
        search.output = "found"
    await convo.Message(f"About {message.content}").send()
