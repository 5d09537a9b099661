"""Users whom something else than a password names: headers, the app's own log-in, tokens, a page around the chat."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import convo
import pytest
from convo_server.auth import keeper, watch

SECRET = "a secret of more than thirty-two characters"
EMBED_SECRET = "another secret, that of a page around the chat"
AUTH = {"secret": SECRET}

Start = Callable[..., Any]


def says_who(app: convo.App) -> convo.App:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        user = convo.user_session.get("user")
        await convo.Message("nobody" if user is None else user.identifier).send()

    return app


@pytest.fixture
def app() -> convo.App:
    """Knows Ann by a password, whoever that is."""
    app = says_who(convo.App())

    @app.password_auth_callback
    def check(username: str, password: str) -> convo.User | None:
        return convo.User(username, display_name=username.title()) if password == "opensesame" else None

    return app


async def log_in(client: Any, name: str = "ann") -> Any:
    return await client.post("api/v1/auth/login", json={"username": name, "password": "opensesame"})


async def who(client: Any, token: str | None = None) -> str | None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    principal = (await client.http.get("api/v1/auth", headers=headers)).json().get("principal")
    return None if principal is None else principal["identifier"]


def signed(secret: str = EMBED_SECRET, head: dict[str, Any] | None = None, **claims: Any) -> str:
    """A JWT as any library makes it."""

    def encode(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    claims = {"sub": "ann", "exp": time.time() + 60} | claims
    text = ".".join(encode(json.dumps(part).encode()) for part in (head or {"alg": "HS256", "typ": "JWT"}, claims))
    return f"{text}.{encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))}"


# --- Headers ---


async def test_whom_the_headers_name_is_in_with_the_page_and_asked_no_more(start: Start) -> None:
    app, asked = says_who(convo.App()), []

    @app.header_auth_callback
    def read(headers: Any) -> convo.User | None:
        asked.append(headers.get("x-user"))
        return convo.User(headers["x-user"]) if "x-user" in headers else None

    server = await start(app, auth=AUTH)
    client = await server.client({"X-User": "ann"})

    tab = await client.socket().connect()
    await tab.ask("Who am I?")

    assert tab.text == "ann"
    assert (await client.http.get("api/v1/app")).status_code == 200
    assert asked == ["ann"]
    stranger = await server.client()
    assert (await stranger.http.get("api/v1/app")).status_code == 401


async def test_when_the_headers_name_somebody_else_the_page_lets_that_one_in(start: Start) -> None:
    app = says_who(convo.App())
    app.header_auth_callback(lambda headers: convo.User(headers["x-user"]) if "x-user" in headers else None)
    client = await (await start(app, auth=AUTH)).client({"X-User": "ann"})
    assert await who(client) == "ann"

    await client.http.get("", headers={"X-User": "bob"})
    assert await who(client) == "bob"

    del client.http.headers["X-User"]
    await client.http.get("")
    assert await who(client) is None


async def test_a_program_behind_the_proxy_needs_no_cookie(start: Start) -> None:
    app = says_who(convo.App())
    app.header_auth_callback(lambda headers: convo.User(headers["x-user"]) if "x-user" in headers else None)
    server = await start(app, auth=AUTH)
    client = await server.client()

    first = await client.http.post("api/v1/threads", headers={"X-User": "ann"})
    second = await client.http.get(f"api/v1/threads/{first.json()['thread']}", headers={"X-User": "ann"})
    other = await client.http.get(f"api/v1/threads/{first.json()['thread']}", headers={"X-User": "bob"})

    assert (first.status_code, second.status_code, other.status_code) == (201, 200, 404)
    assert client.cookie == ""


# --- The app's own log-in ---


async def test_custom_auth_sees_each_connection(start: Start) -> None:
    app, seen = says_who(convo.App()), []

    @app.custom_auth
    async def read(request: Any) -> convo.User | None:
        seen.append((request.scope["type"], request.url.path))
        name = request.cookies.get("mine") or request.query_params.get("user")
        return None if name is None else convo.User(name, metadata={"role": "x"})

    client = await (await start(app, auth=AUTH)).client()
    assert (await client.http.get("api/v1/app")).status_code == 401

    assert await client.socket().refused() == "unauthenticated"
    tab = await client.socket().connect(cookie="mine=ann")
    await tab.ask("Who am I?")
    assert tab.text == "ann"

    client.http.cookies.set("mine", "ann")
    thread = (await client.post("api/v1/threads")).json()["thread"]
    assert (await client.http.get(f"api/v1/threads/{thread}")).status_code == 200
    assert {kind for kind, _ in seen} == {"http", "websocket"}
    assert (await client.http.get("api/v1/auth")).json()["principal"]["identifier"] == "ann"


async def test_the_apps_own_log_in_ends_as_the_app_says(start: Start) -> None:
    app = says_who(convo.App())
    app.custom_auth(lambda request: convo.User(request.cookies["mine"]) if "mine" in request.cookies else None)
    app.on_logout(lambda request, response: response.delete_cookie("mine"))
    client = await (await start(app, auth=AUTH)).client()
    client.http.cookies.set("mine", "ann", domain="127.0.0.1", path="/")

    assert (await client.http.get("api/v1/auth")).json()["logout"]
    await client.post("api/v1/auth/logout")

    assert await who(client) is None


@pytest.fixture
def members() -> dict[str, convo.User]:
    """Who is signed in by the app's own log-in, by his cookie."""
    return {"hers": convo.User("ann", metadata={"role": "reader"})}


@pytest.fixture
def own(members: dict[str, convo.User]) -> convo.App:
    """An app with a log-in of its own."""
    app = says_who(convo.App())

    @app.custom_auth
    def read(request: Any) -> convo.User | None:
        return members.get(request.cookies.get("mine"))

    return app


async def test_who_is_out_of_the_apps_own_log_in_loses_open_connections_within_5_seconds(
    start: Start, own: convo.App, members: dict[str, convo.User]
) -> None:
    members["another"] = convo.User("bob")
    client = await (await start(own, auth=AUTH)).client()
    tab, stays = await client.socket().connect(cookie="mine=hers"), await client.socket().connect(cookie="mine=another")
    headers = {"Cookie": "mine=hers"}
    events = f"api/v1/threads/{tab.hello['thread']}/events"

    async with asyncio.timeout(5), client.http.stream("GET", events, headers=headers) as response:
        del members["hers"]
        text = "".join([piece async for piece in response.aiter_text()])
        await tab.until(lambda: tab.is_closed)

    assert tab.goodbye["error"]["code"] == "unauthenticated"
    assert "event: goodbye" in text
    assert await client.socket().refused(cookie="mine=hers") == "unauthenticated"
    await stays.ask("Am I still here?")
    assert stays.text == "bob"


async def test_who_becomes_another_by_the_apps_own_log_in_comes_back_as_that_one(
    start: Start, own: convo.App, members: dict[str, convo.User]
) -> None:
    client = await (await start(own, auth=AUTH)).client()

    for change in ("role", "identifier"):
        tab = await client.socket().connect(cookie="mine=hers")
        if change == "role":
            members["hers"].metadata["role"] = "admin"  # the same object, as a cache of the app's would have it
        else:
            members["hers"] = convo.User("bob")
        async with asyncio.timeout(5):
            await tab.until(lambda tab=tab: tab.is_closed)
        assert tab.goodbye == {}, "it may come back at once"

    again = await client.socket().connect(cookie="mine=hers")
    await again.ask("Who am I?")
    assert again.text == "bob"


async def test_what_the_apps_own_log_in_says_anew_of_its_user_is_seen_by_the_next_run(
    start: Start, own: convo.App, members: dict[str, convo.User]
) -> None:
    @own.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message(convo.user_session.get("user").metadata.get("team", "none")).send()

    server = await start(own, auth=AUTH)
    tab = await (await server.client()).socket().connect(cookie="mine=hers")

    members["hers"] = convo.User("ann", metadata={"role": "reader", "team": "blue"})
    await server.host.authentication.watch.ask()
    await tab.ask("Which team?")

    assert tab.text == "blue"


async def test_a_log_in_of_the_apps_own_that_fails_ends_what_it_can_no_longer_vouch_for(
    start: Start, own: convo.App, caplog: pytest.LogCaptureFixture
) -> None:
    """As with a token of the app's that has run out, for which libraries raise."""
    server = await start(own, auth=AUTH)
    client = await server.client()
    tab = await client.socket().connect(cookie="mine=hers")

    @own.custom_auth
    def read(request: Any) -> convo.User | None:
        raise ValueError("the token has run out")

    await server.host.authentication.watch.ask()
    await tab.until(lambda: tab.is_closed)

    assert tab.goodbye == {}
    assert await client.socket().refused(cookie="mine=hers") == "internal"
    assert "the token has run out" in caplog.text


async def test_a_log_in_of_the_apps_own_that_hangs_signs_nobody_out_and_keeps_nobody_else_in(
    start: Start, own: convo.App, app: convo.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "PATIENCE_SECONDS", 0.1)
    check = app.callbacks.get("password_auth_callback")
    own.password_auth_callback(check.function)
    server = await start(own, auth=AUTH)
    client, bob = await server.client(), await server.client()
    await log_in(bob, "bob")
    tab, other = await client.socket().connect(cookie="mine=hers"), await bob.socket().connect()

    @own.custom_auth
    async def read(request: Any) -> convo.User | None:
        await asyncio.Event().wait()

    await server.host.authentication.watch.ask()
    user = other.hello["principal"]["id"]
    await server.host.directory.data_layer.sign_ins.end(user)
    async with asyncio.timeout(5):
        await other.until(lambda: other.is_closed)

    assert not tab.is_closed


# --- Who is who ---


async def test_another_way_to_log_in_does_not_take_an_identifier_over(start: Start, app: convo.App) -> None:
    app.header_auth_callback(lambda headers: convo.User("ann") if "x-user" in headers else None)
    server = await start(app, auth=AUTH)
    client, mallory = await server.client(), await server.client()
    await log_in(client)

    refused = await mallory.http.get("api/v1/app", headers={"X-User": "ann"})

    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "logs in another way" in refused.json()["text"]
    assert await who(client) == "ann"


async def test_an_author_may_let_two_ways_be_one_user(start: Start, app: convo.App) -> None:
    app.header_auth_callback(lambda headers: convo.User("ann") if "x-user" in headers else None)
    server = await start(app, auth=AUTH | {"link_by_identifier": True})
    client, other = await server.client(), await server.client({"X-User": "ann"})
    await log_in(client)
    thread = (await client.post("api/v1/threads")).json()["thread"]

    assert (await other.http.get(f"api/v1/threads/{thread}")).status_code == 200


# --- Browsers' secrets ---


async def test_a_browser_gets_a_new_secret_now_and_then_and_the_old_one_ends(
    start: Start, app: convo.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await start(app, auth=AUTH | {"rotate_hours": 1e-7})
    client = await server.client()
    await log_in(client)
    before = client.cookie

    answers = await asyncio.gather(*(client.http.get("api/v1/auth", headers={"Cookie": before}) for _ in range(5)))
    assert all(answer.json()["principal"]["identifier"] == "ann" for answer in answers)
    assert client.cookie != before
    old = await server.client({"Cookie": before})
    assert await who(old) == "ann", "requests that are on their way come with it"

    monkeypatch.setattr(keeper, "GRACE_SECONDS", 0.0)
    assert await who(client) == "ann"
    assert await who(await server.client({"Cookie": before})) is None


async def test_a_response_that_is_lost_on_its_way_signs_nobody_out(
    start: Start, app: convo.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "GRACE_SECONDS", 0.0)
    server = await start(app, auth=AUTH | {"rotate_hours": 1e-7})
    client = await server.client()
    await log_in(client)
    before = client.cookie
    await client.http.get("api/v1/auth")  # its new cookie never arrives

    returning = await server.client({"Cookie": before})

    assert await who(returning) == "ann"


async def test_a_sign_in_that_is_not_used_for_long_is_over(start: Start, app: convo.App) -> None:
    client = await (await start(app, auth=AUTH | {"session_days": 4e-5})).client()  # 3.5 seconds
    await log_in(client)
    tab = await client.socket().connect()
    assert await who(client) == "ann"

    async with asyncio.timeout(9):
        await tab.until(lambda: tab.is_closed)

    assert tab.goodbye["error"]["code"] == "unauthenticated"
    assert await who(client) is None


async def test_sign_ins_outlive_the_process_with_the_same_secret_alone(start: Start, app: convo.App) -> None:
    layer = convo.MemoryDataLayer()
    app.data_layer(lambda: layer)
    first = await start(app, auth=AUTH)
    client = await first.client()
    await log_in(client)
    held = client.cookie.partition("=")[2]
    port = client.http.base_url.port
    await first.stop()

    again = await start(app, auth=AUTH, server={"port": port})
    assert await who(await again.client({"Cookie": f"convo-login-{port}={held}"})) == "ann"
    await again.stop()

    other = await start(app, auth={"secret": SECRET[::-1]}, server={"port": port})
    assert await who(await other.client({"Cookie": f"convo-login-{port}={held}"})) is None


# --- Tokens ---


async def test_a_token_for_programs_works_until_it_is_ended(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH)
    client, program = await server.client(), await server.client()
    await log_in(client)

    made = await client.post("api/v1/auth/tokens", json={"label": "nightly script", "days": 30})
    token = made.json()["token"]
    assert made.status_code == 201
    assert made.json()["expiresAt"]
    (listed,) = (await client.http.get("api/v1/auth/tokens")).json()["signIns"]
    assert (listed["id"], listed["kind"], listed["label"]) == (made.json()["id"], "token", "nightly script")
    assert token not in json.dumps(listed)

    assert await who(program, token) == "ann"
    tab = await program.socket().connect(token=token, client="api")
    await tab.ask("Who am I?")
    assert tab.text == "ann"

    assert (await client.http.delete(f"api/v1/auth/tokens/{listed['id']}")).status_code == 204
    await tab.until(lambda: tab.is_closed)
    assert (await program.http.get("api/v1/app", headers={"Authorization": f"Bearer {token}"})).status_code == 401


async def test_a_token_makes_and_ends_no_tokens(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH)
    client, program = await server.client(), await server.client()
    await log_in(client)
    made = (await client.post("api/v1/auth/tokens", json={"label": "x"})).json()
    headers = {"Authorization": f"Bearer {made['token']}"}

    assert (await program.http.post("api/v1/auth/tokens", json={"label": "y"}, headers=headers)).status_code == 401
    assert (await program.http.delete(f"api/v1/auth/tokens/{made['id']}", headers=headers)).status_code == 401


async def test_what_is_no_token_gets_a_typed_error(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH)
    client = await server.client()
    await log_in(client)

    for token in ("x", "convo_", "convo_a.b", "a.b.c", signed(), signed(SECRET, sid="x"), "." * 9000, "é" * 20):
        headers = {"Authorization": f"Bearer {token}".encode()}
        response = await client.http.get("api/v1/app", headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "unauthenticated"), token
    for body in ({}, {"label": " "}, {"label": "x", "days": -1}, {"label": "x", "days": 1e9}, {"label": 1}, [], None):
        assert (await client.post("api/v1/auth/tokens", json=body)).status_code == 400, body


async def test_an_app_may_give_no_tokens(start: Start, app: convo.App) -> None:
    client = await (await start(app, auth=AUTH | {"api_tokens": False})).client()
    await log_in(client)

    assert (await client.post("api/v1/auth/tokens", json={"label": "x"})).json()["code"] == "unsupported"


async def test_a_short_token_is_exchanged_and_ends_with_its_sign_in(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH)
    client, frame = await server.client(), await server.client()
    await log_in(client)

    token = (await client.post("api/v1/auth/token")).json()["token"]
    tab = await frame.socket().connect(token=token, client="copilot")
    await tab.ask("Who am I?")
    assert tab.text == "ann"

    await client.post("api/v1/auth/logout")
    await tab.until(lambda: tab.is_closed)
    assert await who(frame, token) is None


async def test_a_short_token_makes_no_others_and_signs_no_browser_out(start: Start, app: convo.App) -> None:
    """Else one that was lost would be worth as much as the cookie."""
    client = await (await start(app, auth=AUTH)).client()
    await log_in(client)
    token = (await client.post("api/v1/auth/token")).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}

    for path, body in (
        ("auth/token", None),
        ("auth/tokens", {"label": "for good"}),
        ("auth/logout", None),
        ("auth/logout-everywhere", None),
    ):
        response = await client.http.post(f"api/v1/{path}", json=body, headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "unauthenticated"), path
        assert "set-cookie" not in response.headers, path
    assert await who(client) == "ann"


async def test_a_short_token_is_short(start: Start, app: convo.App, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await start(app, auth=AUTH | {"token_minutes": 1})
    client = await server.client()
    await log_in(client)
    token = (await client.post("api/v1/auth/token")).json()["token"]
    assert await who(client, token) == "ann"

    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 120)

    response = await client.http.get("api/v1/app", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401


async def test_a_page_around_the_chat_vouches_for_its_users(start: Start) -> None:
    app = says_who(convo.App())
    server = await start(app, auth=AUTH | {"embed_secret": EMBED_SECRET})
    frame = await server.client()
    assert (await frame.http.get("api/v1/app")).status_code == 401

    exchanged = await frame.post("api/v1/auth/token", json={"assertion": signed(sub="ann", name="Ann")})
    token = exchanged.json()["token"]
    tab = await frame.socket().connect(token=token, client="copilot")
    await tab.ask("Who am I?")

    assert tab.text == "ann"
    assert tab.hello["principal"]["displayName"] == "Ann"
    headers = {"Authorization": f"Bearer {token}"}
    renewed = (await frame.http.post("api/v1/auth/token", headers=headers)).json()["token"]
    assert await who(frame, renewed) == "ann"


async def test_the_app_and_a_chat_in_another_page_are_signed_in_apart(start: Start, app: convo.App) -> None:
    """In one browser, and on one site: the app's cookies come along with what the embedded chat asks for."""
    client = await (await start(app, auth=AUTH | {"embed_secret": EMBED_SECRET})).client()
    await log_in(client, "ann")
    assert await client.socket().refused(client="copilot") == "unauthenticated", "the app's cookie is not the copilot's"

    async def embedded(name: str) -> dict[str, str]:
        exchanged = await client.post("api/v1/auth/token", json={"assertion": signed(sub=name)})
        assert "set-cookie" not in exchanged.headers
        return {"Authorization": f"Bearer {exchanged.json()['token']}"}

    headers = await embedded("cem")
    token = headers["Authorization"].removeprefix("Bearer ")
    copilot, page = await client.socket().connect(client="copilot", token=token), await client.socket().connect()
    await copilot.ask("Who am I?")
    await page.ask("Who am I?")
    assert (copilot.text, page.text) == ("cem", "ann")

    left = await client.http.post("api/v1/auth/logout", headers=headers)
    await copilot.until(lambda: copilot.is_closed)
    assert (left.status_code, "set-cookie" in left.headers) == (204, False)
    assert await who(client) == "ann"
    assert not page.is_closed

    headers = await embedded("cem")
    token = headers["Authorization"].removeprefix("Bearer ")
    copilot = await client.socket().connect(client="copilot", token=token)
    await client.post("api/v1/auth/logout")
    await page.until(lambda: page.is_closed)
    await copilot.ask("And now?")
    assert copilot.text == "cem"
    assert await who(client, token) == "cem"


async def test_an_assertion_that_does_not_hold_lets_nobody_in(start: Start) -> None:
    server = await start(says_who(convo.App()), auth=AUTH | {"embed_secret": EMBED_SECRET})
    client = await server.client()

    wrong = {
        "another secret": signed(SECRET),
        "HS256": signed(head={"alg": "none"}),
        "expired": signed(exp=time.time() - 100),
        "`exp`": signed(exp="tomorrow"),
        "not hold yet": signed(nbf=time.time() + 1000),
        "names no user": signed(sub=""),
        "no JWT": "x",
    }
    for said, assertion in wrong.items():
        response = await client.post("api/v1/auth/token", json={"assertion": assertion})
        assert response.status_code == 401, said
        assert said in response.json()["text"]


async def test_without_a_secret_of_its_own_no_page_vouches(start: Start, app: convo.App) -> None:
    client = await (await start(app, auth=AUTH)).client()

    response = await client.post("api/v1/auth/token", json={"assertion": signed()})

    assert (response.status_code, response.json()["code"]) == (501, "unsupported")


async def test_an_embedded_chat_without_cookies_keeps_its_visitor_by_a_token(start: Start) -> None:
    server = await start(says_who(convo.App()))
    client = await server.client()
    frame = await client.socket().connect(cookie="", client="copilot")
    await frame.ask("Who am I?")

    again = await client.socket().connect(
        cookie="", client="copilot", token=frame.hello["token"], thread=frame.hello["thread"]
    )
    headers = {"Authorization": f"Bearer {frame.hello['token']}", "Cookie": ""}
    read = await client.http.get(f"api/v1/threads/{frame.hello['thread']}", headers=headers)

    assert again.hello["principal"] == frame.hello["principal"]
    assert read.status_code == 200
    assert await client.socket().refused(cookie="", client="web") == "unauthenticated"
    assert await client.socket().refused(cookie="", client="copilot", token="visitor_x.y") == "unauthenticated"
