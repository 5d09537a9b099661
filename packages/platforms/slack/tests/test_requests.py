"""What comes over HTTP: events that Slack has signed, others that it has not, and installations."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import convo
import httpx
import pytest
import pytest_asyncio
from convo import App
from convo.testing.process import Process, until

from tests.platforms.fakes.slack import CLIENT_ID, CLIENT_SECRET, SECRET, FakeSlack

pytestmark = pytest.mark.timeout(120)

Run = Callable[..., Any]


@pytest_asyncio.fixture
async def running(slack: FakeSlack, run: Run, echo: App) -> Process:
    started: Process = await run(echo, app_token=None, signing_secret=SECRET)
    return started


@pytest_asyncio.fixture
async def http(running: Process) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=running.bridge.app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://app.example/slack") as client:
        yield client


async def send(http: httpx.AsyncClient, body: str, headers: dict[str, str], kind: str = "application/json") -> int:
    answer = await http.post("/slack/events", content=body.encode(), headers={"Content-Type": kind, **headers})
    return answer.status_code


def said(slack: FakeSlack, text: str) -> dict[str, Any]:
    event = {
        "type": "message",
        "channel": "D0ANN",
        "channel_type": "im",
        "user": "U0ANN",
        "text": text,
        "ts": slack.now(),
    }
    return slack.envelope(event)


async def test_a_signed_event_is_answered_and_its_repeats_are_not(
    slack: FakeSlack, running: Process, http: httpx.AsyncClient
) -> None:
    body = json.dumps(said(slack, "hello"))
    for number in range(3):
        retried = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"} if number else {}
        assert await send(http, body, slack.signed(body) | retried) == 200
    later = json.dumps(said(slack, "later"))
    assert await send(http, later, slack.signed(later)) == 200
    await slack.sees("You said: later")

    assert [one.shown for one in slack.posted] == ["You said: hello", "You said: later"]


@pytest.mark.parametrize(
    "forge",
    [
        lambda slack, body: {},
        lambda slack, body: slack.signed(body, secret="another"),
        lambda slack, body: slack.signed(body + " "),
        lambda slack, body: slack.signed(body, at=time.time() - 301),
        lambda slack, body: slack.signed(body, at=time.time() + 301),
        lambda slack, body: slack.signed(body) | {"X-Slack-Request-Timestamp": str(int(time.time()) + 1)},
        lambda slack, body: slack.signed(body) | {"X-Slack-Request-Timestamp": "nan"},
        lambda slack, body: slack.signed(body) | {"X-Slack-Request-Timestamp": "9" * 400},
        lambda slack, body: slack.signed(body) | {"X-Slack-Signature": "v0=ä"},
        lambda slack, body: slack.signed(body) | {"X-Slack-Signature": ""},
    ],
)
async def test_what_slack_has_not_signed_just_now_is_refused(
    slack: FakeSlack, running: Process, http: httpx.AsyncClient, forge: Any
) -> None:
    body = json.dumps(said(slack, "hello"))
    headers = {key: value.encode("utf-8") for key, value in forge(slack, body).items()}

    assert await send(http, body, headers) == 401
    assert slack.posted == []
    assert len(running.directory.sessions) == 0


async def test_the_address_is_verified(slack: FakeSlack, http: httpx.AsyncClient) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"})

    answer = await http.post(
        "/slack/events", content=body, headers={"Content-Type": "application/json", **slack.signed(body)}
    )

    assert (answer.status_code, answer.text) == (200, json.loads(body)["challenge"])


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("", "application/json", 400),
        ("[]", "application/json", 400),
        ("{", "application/json", 400),
        ("{}", "application/json", 200),
        ('{"type": "app_rate_limited"}', "application/json", 200),
        ('{"type": "event_callback"}', "application/json", 200),
        ('{"type": "event_callback", "team_id": "T0001", "event": {"type": "message"}}', "application/json", 200),
        ('{"type": "event_callback", "team_id": "T0001", "event": {"type": "of_tomorrow"}}', "application/json", 200),
        (
            '{"type": "event_callback", "team_id": "T9", "event": {"type": "message", "channel": 7}}',
            "application/json",
            200,
        ),
        ('{"type": "event_callback", "team_id": 7, "event": []}', "application/json", 200),
        ("payload=%7B%7D", "application/x-www-form-urlencoded", 200),
        ("payload=[]", "application/x-www-form-urlencoded", 400),
        ("payload=%7B", "application/x-www-form-urlencoded", 400),
        ("nothing=1", "application/x-www-form-urlencoded", 400),
        ("command=%2Fx", "application/x-www-form-urlencoded", 200),
        (
            urlencode({"payload": '{"type":"block_actions","user":{"id":"U0ANN","team_id":"T0001"},"actions":[]}'}),
            "application/x-www-form-urlencoded",
            200,
        ),
        ("\x00", "text/plain", 400),
    ],
)
async def test_bodies_that_make_no_sense_change_nothing(
    slack: FakeSlack, running: Process, http: httpx.AsyncClient, body: str, kind: str, status: int
) -> None:
    assert await send(http, body, slack.signed(body), kind) == status
    assert slack.posted == []
    assert running.platforms.states["slack"].status == "connected"


async def test_paths_and_bodies_that_are_not_served_are_refused(slack: FakeSlack, http: httpx.AsyncClient) -> None:
    assert (await http.get("/slack/events")).status_code == 404
    assert (await http.post("/slack/other")).status_code == 404
    assert (await http.get("/slack/install")).status_code == 404
    assert (await http.post("/slack/events", content=b"x" * (5 * 2**20))).status_code == 413


async def test_a_slow_event_is_acknowledged_in_time_and_answered_later(slack: FakeSlack, run: Run) -> None:
    app = App()
    go_on = asyncio.Event()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message(f"{len(message.elements)} file").send()

    running: Process = await run(app, app_token=None, signing_secret=SECRET)

    async def slowly(*_: Any) -> Any:
        await go_on.wait()
        return await author("U0ANN")

    workspace = await running.bridge.workspaces.get("T0001")
    author = workspace.author
    workspace.author = slowly  # type: ignore[method-assign]  # as Slack's own answer may be
    transport = httpx.ASGITransport(app=running.bridge.app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://app.example/slack") as http:
        body = json.dumps(said(slack, "hello"))
        began = time.monotonic()
        assert await send(http, body, slack.signed(body)) == 200
        assert time.monotonic() - began >= 2
    go_on.set()

    await slack.sees("0 file")


# --- Installations ---


@pytest.fixture
def many(run: Run, echo: App) -> Callable[[], Any]:
    async def many() -> Process:
        told = {"bot_token": None, "app_token": None, "signing_secret": SECRET}
        running: Process = await run(echo, **told, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
        return running

    return many


def browser(running: Process) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=running.bridge.app)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="https://app.example/slack")


async def test_many_workspaces_install_the_app_and_one_that_removes_it_is_forgotten(
    slack: FakeSlack, many: Callable[[], Any], tmp_path: Path
) -> None:
    running: Process = await many()
    for team in ("T0001", "T0002"):
        slack.installs["code"] = {"token": f"xoxb-{team}", "team": team}
        async with browser(running) as page:
            asked = await page.get("/install")
            query = parse_qs(urlsplit(asked.headers["location"]).query)
            assert "Secure" in asked.headers["set-cookie"]
            assert "chat:write" in query["scope"][0]
            assert query["client_id"] == [CLIENT_ID]
            done = await page.get("/oauth/callback", params={"code": "code", "state": query["state"][0]})
            assert done.status_code == 200

    (tmp_path / "slack").stat()
    kept = sorted((tmp_path / "slack").iterdir())
    assert [file.name for file in kept] == ["T0001.json", "T0002.json"]
    assert all(file.stat().st_mode & 0o077 == 0 for file in kept)

    async def tell(text: str, team: str) -> None:
        payload = said(slack, text)
        payload["team_id"] = payload["authorizations"][0]["team_id"] = team
        body = json.dumps(payload)
        async with browser(running) as page:
            assert await send(page, body, slack.signed(body)) == 200

    await tell("one", "T0001")
    await slack.sees("You said: one")
    await tell("two", "T0002")
    await slack.sees("You said: two")
    assert len(running.directory.sessions) == 2

    slack.revoke("xoxb-T0002")
    await tell("three", "T0002")
    await tell("four", "T0001")
    await slack.sees("You said: four")
    assert running.platforms.states["slack"].status == "connected"

    payload = slack.envelope({"type": "app_uninstalled"})
    body = json.dumps(payload)
    async with browser(running) as page:
        await send(page, body, slack.signed(body))
    await until(lambda: not (tmp_path / "slack" / "T0001.json").exists())
    await tell("five", "T0001")
    assert not [one for one in slack.posted if "five" in one.shown]


@pytest.mark.parametrize("what", ["no cookie", "another state", "expired", "no state", "no code", "wrong code"])
async def test_an_installation_that_nobody_began_here_is_refused(
    slack: FakeSlack, many: Callable[[], Any], tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: Process = await many()
    slack.installs["code"] = {"token": "xoxb-new", "team": "T0003"}
    async with browser(running) as page:
        asked = await page.get("/install")
        state = parse_qs(urlsplit(asked.headers["location"]).query)["state"][0]
        if what == "no cookie":
            page.cookies.clear()
        if what == "expired":
            expires, _, seal = state.partition(".")
            state = f"{int(expires) - 10_000}.{seal}"
        params = {"code": "code", "state": state}
        if what == "another state":
            params["state"] = state[:-1] + ("0" if state[-1] != "0" else "1")
        if what in ("no state", "no code"):
            del params[what.split()[1]]
        if what == "wrong code":
            params["code"] = "guessed"
        done = await page.get("/oauth/callback", params=params)

    assert done.status_code == (502 if what == "wrong code" else 400)
    assert not (tmp_path / "slack").exists()
