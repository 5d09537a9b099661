"""Who is logged in stays so over the end of a server, however it ends, and nobody is let in by what it left behind."""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

APP = """
import convo

@convo.password_auth_callback
def check(username, password):
    return convo.User(username) if password == "opensesame" else None

@convo.on_message
async def answer(message: convo.Message): ...
"""
SETTINGS = {"DATA__URL": "sqlite:///history.db", "AUTH__SECRET": "a secret of more than thirty-two characters"}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_user_is_still_signed_in_after_a_restart(serve: Any, how: signal.Signals) -> None:
    server = await serve(app=APP, settings=SETTINGS)
    async with httpx.AsyncClient(base_url=server.url) as browser:
        login = {"username": "ann", "password": "opensesame"}
        assert (await browser.post("/api/v1/auth/login", json=login)).status_code == 204
        before = (await browser.get("/api/v1/auth")).json()["principal"]
        (value,) = browser.cookies.values()

        await server.restart(how)

        assert (await browser.get("/api/v1/auth")).json()["principal"] == before
        assert (await browser.post("/api/v1/auth/logout-everywhere")).status_code == 204

        await server.restart(how)

        assert "principal" not in (await browser.get("/api/v1/auth", headers={"Cookie": ""})).json()
        headers = {"Cookie": f"convo-login-{server.port}={value}"}
        assert "principal" not in (await browser.get("/api/v1/auth", headers=headers)).json()


async def test_a_copy_of_the_database_lets_nobody_in(serve: Any, tmp_path: Path) -> None:
    server = await serve(app=APP, settings=SETTINGS)
    async with httpx.AsyncClient(base_url=server.url) as browser:
        await browser.post("/api/v1/auth/login", json={"username": "ann", "password": "opensesame"})
        (value,) = browser.cookies.values()
        sign_in, _, secret = value.partition(".")

        with sqlite3.connect(tmp_path / "history.db") as database:
            (digest, body) = database.execute("SELECT digest, body FROM convo_sign_ins").fetchone()
        database.close()

        assert secret not in body
        for guess in (digest, digest[:43]):
            headers = {"Cookie": f"convo-login-{server.port}={sign_in}.{guess}"}
            assert "principal" not in (await browser.get("/api/v1/auth", headers=headers)).json()
