"""convo, with users who log in by a password that is hashed as it should be, while visitors hear a stream."""

from __future__ import annotations

import hashlib

import convo

from benchmarks.servers.source import paced

SALT = b"one for all: nobody keeps these"


@convo.password_auth_callback
def check(username: str, password: str) -> convo.User | None:
    """As authors write it: blocking, and about 20 ms of a core."""
    hashlib.scrypt(password.encode(), salt=SALT, n=2**13, r=8, p=1)
    return convo.User(username) if password == "opensesame" else None


@convo.on_message
async def answer(message: convo.Message) -> None:
    _, count, rate = message.content.split()
    await convo.Message().stream(paced(int(count), float(rate)))
