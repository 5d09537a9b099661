"""Logging in and out over a real server: what a person with a browser, and somebody who is not that person, get."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import threading
from collections.abc import Callable
from typing import Any

import convo
import httpx
import pytest
from convo_server.auth import login
from convo_server.policy import PUBLIC
from starlette.routing import Route

SECRET = "a secret of more than thirty-two characters"
AUTH = {"secret": SECRET}
ANN = {"username": "ann", "password": "opensesame"}

Start = Callable[..., Any]


@pytest.fixture
def roles() -> dict[str, str]:
    """The roles that the app's own database has, by identifier."""
    return {"ann": "reader", "bob": "reader"}


@pytest.fixture
def app(roles: dict[str, str]) -> convo.App:
    """Lets Ann and Bob in, and tells everybody who they are."""
    app = convo.App()

    @app.password_auth_callback
    def check(username: str, password: str) -> convo.User | None:
        if username not in roles or password != "opensesame":
            return None
        return convo.User(username, display_name=username.title(), metadata={"role": roles[username]})

    @app.on_message
    async def answer(message: convo.Message) -> str:
        user = convo.user_session.get("user")
        await convo.Message("nobody" if user is None else f"{user.identifier}, {user.metadata['role']}").send()

    return app


async def log_in(client: Any, **credentials: str) -> httpx.Response:
    response: httpx.Response = await client.post("api/v1/auth/login", json=ANN | credentials)
    return response


async def who(client: Any) -> Any:
    return (await client.http.get("api/v1/auth")).json().get("principal")


async def test_nobody_chats_without_logging_in(start: Start, app: convo.App) -> None:
    client = await (await start(app, auth=AUTH)).client()

    assert (await client.http.get("api/v1/auth")).json() == {"required": True, "password": True}
    assert (await client.http.get("api/v1/app")).status_code == 401
    assert (await client.post("api/v1/threads")).status_code == 401
    assert await client.socket().refused() == "unauthenticated"


async def test_no_route_but_the_public_ones_serves_who_has_not_logged_in(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH)
    client = await server.client()

    asked = 0
    for route in server.asgi.routes:
        if not isinstance(route, Route) or route.name in PUBLIC or route.name == "socket":
            continue
        path = re.sub(r"\{[^}]*\}", "x", route.path)
        for method in sorted(route.methods - {"HEAD"}):
            response = await client.http.request(method, path.lstrip("/"))
            assert (response.status_code, response.json()["code"]) == (401, "unauthenticated"), (method, path)
            assert response.headers["WWW-Authenticate"].startswith("Bearer"), (method, path)
            asked += 1
    assert asked > 20


async def test_what_a_callback_does_to_its_user_is_done_to_nobody_else(start: Start, app: convo.App) -> None:
    @app.on_message
    async def promote(message: convo.Message) -> None:
        user = convo.user_session.get("user")
        await convo.Message(user.metadata["role"]).send()
        user.metadata["role"] = "admin"

    server = await start(app, auth=AUTH)
    client = await server.client()
    await log_in(client)
    tab = await client.socket().connect()
    await tab.ask("What am I?")

    other = await client.socket().connect()
    await other.ask("And here?")
    await server.host.authentication.watch.look()

    assert tab.text == other.text == "reader"
    assert not tab.is_closed


async def test_a_user_logs_in_chats_and_logs_out(start: Start, app: convo.App) -> None:
    client = await (await start(app, auth=AUTH)).client()

    response = await log_in(client)
    assert response.status_code == 204, response.text
    (cookie,) = response.headers.get_list("set-cookie")
    assert re.search(r"convo-login-\d+=", cookie)
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert (await who(client))["identifier"] == "ann"

    tab = await client.socket().connect()
    assert tab.hello["principal"] == await who(client)
    await tab.ask("Who am I?")
    assert tab.text == "ann, reader"

    assert (await client.post("api/v1/auth/logout")).status_code == 204
    assert await who(client) is None
    assert (await client.http.get("api/v1/app")).status_code == 401


async def test_over_https_the_cookie_is_bound_to_this_host(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH, server={"trust_proxy": True})
    client = await server.client({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "chat.example"})

    (cookie,) = (await log_in(client)).headers.get_list("set-cookie")

    assert cookie.startswith("__Host-convo-login-443=")
    assert "Secure" in cookie


@pytest.mark.parametrize(("root", "prefix"), [("", "__Host-"), ("/chat", "__Secure-")])
async def test_over_https_no_neighbour_sets_a_cookie_of_the_apps(
    start: Start, app: convo.App, root: str, prefix: str
) -> None:
    """Also not a visitor's: who has kept that could read along."""
    server = await start(app, auth=AUTH | {"anonymous": True}, server={"trust_proxy": True, "root_path": root})
    client = await server.client({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "chat.example"})

    page = await client.http.get("")
    cookies = page.headers.get_list("set-cookie") + (await log_in(client)).headers.get_list("set-cookie")

    given = [cookie for cookie in cookies if "Max-Age=0" not in cookie]
    assert len(given) == 2
    assert all(cookie.startswith(prefix) and "Secure" in cookie and "Domain" not in cookie for cookie in given), given


async def test_what_is_a_users_is_not_kept_by_his_browser_without_asking(start: Start, app: convo.App) -> None:
    """So that the next one at the same screen is not shown it after a log-out."""
    client = await (await start(app, auth=AUTH)).client()
    await log_in(client)
    tab = await client.socket().connect()
    folder = f"api/v1/threads/{tab.hello['thread']}/files"
    png = b"\x89PNG\r\n\x1a\n" + bytes(20)
    file = (await client.http.post(f"{folder}?name=a.png", content=png)).json()["id"]

    first = await client.http.get(f"{folder}/{file}")
    again = await client.http.get(f"{folder}/{file}", headers={"If-None-Match": first.headers["etag"]})
    await client.post("api/v1/auth/logout")
    out = await client.http.get(f"{folder}/{file}", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "private, no-cache"
    assert [first.status_code, again.status_code, out.status_code] == [200, 304, 401]


async def test_a_wrong_password_and_an_unknown_name_are_told_the_same(start: Start, app: convo.App) -> None:
    client = await (await start(app, auth=AUTH)).client()

    wrong = await log_in(client, password="guess")
    unknown = await log_in(client, username="mallory")

    assert wrong.status_code == unknown.status_code == 401
    said = {"code": "unauthenticated", "text": "The name or the password is not right.", "key": "password"}
    assert wrong.json() == unknown.json() == said
    assert "set-cookie" not in wrong.headers


async def test_who_guesses_has_to_wait_and_others_do_not(start: Start, app: convo.App) -> None:
    client = await (await start(app, auth=AUTH | {"attempts": 3})).client()

    guesses = await asyncio.gather(*(log_in(client, password=f"guess {i}") for i in range(6)))

    assert sorted(guess.status_code for guess in guesses) == [401, 401, 401, 429, 429, 429]
    refused = await log_in(client)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert (await log_in(client, username="bob")).status_code == 204


async def test_a_crowd_is_checked_a_few_at_a_time_and_all_of_it_gets_in(start: Start) -> None:
    """Hashing takes CPU: a thread for each of a crowd would leave none to the chats."""
    app, lock, now, most = convo.App(), threading.Lock(), 0, 0

    @app.password_auth_callback
    def check(username: str, password: str) -> convo.User:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        hashlib.scrypt(password.encode(), salt=b"salt", n=2**10, r=8, p=1)
        with lock:
            now -= 1
        return convo.User(username)

    client = await (await start(app, auth=AUTH)).client()

    crowd = await asyncio.gather(*(log_in(client, username=f"user-{number}") for number in range(40)))

    assert {one.status_code for one in crowd} == {204}
    assert most <= login.CHECKS_AT_ONCE


async def test_callbacks_that_hang_are_told_of_and_hold_up_no_chat(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "CHECK_WAIT_SECONDS", 0.1)
    app, free = convo.App(), threading.Event()

    @app.password_auth_callback
    def check(username: str, password: str) -> convo.User:
        assert free.wait(10)
        return convo.User(username)

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("still here").send()

    client = await (await start(app, auth=AUTH | {"anonymous": True})).client()
    hanging = [asyncio.create_task(log_in(client, username=f"user-{n}")) for n in range(login.CHECKS_AT_ONCE)]
    tab = await client.socket().connect()
    await tab.ask("Are you?")

    refused = await log_in(client)
    free.set()

    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert "retry-after" in refused.headers
    assert tab.text == "still here"
    assert {response.status_code for response in await asyncio.gather(*hanging)} == {204}
    assert (await log_in(client)).status_code == 204


async def test_an_address_that_tries_many_names_has_to_wait(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH | {"attempts_per_address": 2}, server={"trust_proxy": True})
    client = await server.client({"X-Forwarded-For": "203.0.113.7"})
    other = await server.client({"X-Forwarded-For": "203.0.113.8"})

    await log_in(client, username="carol")
    await log_in(client, username="dave")

    assert (await log_in(client)).status_code == 429
    assert (await log_in(other)).status_code == 204


async def test_what_is_no_log_in_gets_a_typed_error(start: Start, app: convo.App) -> None:
    client = await (await start(app, auth=AUTH)).client()

    for body in (b"", b"{", b"[]", b'{"username": "ann"}', b'{"username": 1, "password": []}', b"[" * 100_000):
        response = await client.http.post("api/v1/auth/login", content=body)
        assert (response.status_code, response.json()["code"]) == (400, "invalid"), body
    assert (await log_in(client, password="x" * 5000)).status_code == 413


async def test_a_page_of_another_site_cannot_act_as_a_user(start: Start, app: convo.App) -> None:
    client = await (await start(app, auth=AUTH)).client()
    await log_in(client)

    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert (await client.http.post("api/v1/threads", headers=headers)).status_code == 401
        assert (await client.http.post("api/v1/auth/login", json=ANN, headers=headers)).status_code == 401
        assert (await client.http.post("api/v1/auth/logout", headers=headers)).status_code == 401
    assert (await who(client))["identifier"] == "ann"


async def test_a_cookie_that_was_made_up_or_changed_lets_nobody_in(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH)
    client = await server.client()
    await log_in(client)
    name, _, value = client.cookie.partition("=")
    sign_in, _, secret = value.partition(".")

    for forged in (f"{sign_in}.{secret[:-1]}x", f"{sign_in}.", secret, f"x{sign_in}.{secret}", "." * 500, "é"):
        other = await server.client()
        response = await other.http.get("api/v1/app", headers={"Cookie": f"{name}={forged}".encode()})
        assert response.status_code == 401, forged


async def test_what_is_stored_lets_nobody_in(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH)
    client = await server.client()
    await log_in(client)
    layer = server.host.directory.data_layer

    (stored,) = await layer.sign_ins.list_for((await who(client))["id"])

    secret = client.cookie.partition(".")[2]
    assert secret not in repr(stored)


async def test_who_logs_out_loses_open_connections_at_once(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH)
    client, other = await server.client(), await server.client()
    await log_in(client)
    await log_in(other)
    tab, stays = await client.socket().connect(), await other.socket().connect()

    async with asyncio.timeout(2):
        await client.post("api/v1/auth/logout")
        await tab.until(lambda: tab.is_closed)

    assert tab.goodbye["error"]["code"] == "unauthenticated"
    assert await client.socket().refused() == "unauthenticated"
    await stays.ask("Am I still here?")
    assert stays.text == "ann, reader"


async def test_a_sign_in_that_another_process_ended_ends_open_connections_within_5_seconds(
    start: Start, app: convo.App
) -> None:
    server = await start(app, auth=AUTH)
    client = await server.client()
    await log_in(client)
    tab = await client.socket().connect()
    user = (await who(client))["id"]

    await server.host.directory.data_layer.sign_ins.end(user)  # behind this process's back

    async with asyncio.timeout(5):
        await tab.until(lambda: tab.is_closed)
    assert tab.goodbye["error"]["code"] == "unauthenticated"
    assert (await client.http.get("api/v1/app")).status_code == 401


async def test_a_stream_ends_with_its_sign_in(start: Start, app: convo.App) -> None:
    client = await (await start(app, auth=AUTH)).client()
    await log_in(client)
    thread = (await client.post("api/v1/threads")).json()["thread"]

    async with asyncio.timeout(5), client.http.stream("GET", f"api/v1/threads/{thread}/events") as response:
        assert response.status_code == 200
        await client.post("api/v1/auth/logout")
        text = "".join([piece async for piece in response.aiter_text()])

    assert "event: goodbye" in text
    assert "unauthenticated" in text


async def test_another_role_ends_open_connections_and_the_next_one_has_it(
    start: Start, app: convo.App, roles: dict[str, str]
) -> None:
    server = await start(app, auth=AUTH)
    client, phone = await server.client(), await server.client()
    await log_in(client)
    tab = await client.socket().connect()

    roles["ann"] = "admin"
    await log_in(phone)

    async with asyncio.timeout(5):
        await tab.until(lambda: tab.is_closed)
    assert tab.goodbye == {}
    again = await client.socket().connect(thread=tab.hello["thread"], session=tab.hello["session"])
    await again.ask("What am I?")
    assert again.text == "ann, admin"


async def test_a_user_sees_where_he_is_signed_in_and_ends_it_there(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH)
    client, phone = await server.client(), await server.client({"User-Agent": "Phone"})
    await log_in(client)
    await log_in(phone)
    open_there = await phone.socket().connect()

    found = (await client.http.get("api/v1/auth/sessions")).json()["signIns"]
    there = next(one for one in found if one["label"] == "Phone")
    assert [one.get("current", False) for one in found].count(True) == 1
    assert not there.get("current")
    assert (await client.http.delete(f"api/v1/auth/sessions/{there['id']}")).status_code == 204

    await open_there.until(lambda: open_there.is_closed)
    assert await who(phone) is None
    assert (await who(client))["identifier"] == "ann"
    assert (await client.http.delete(f"api/v1/auth/sessions/{there['id']}")).status_code == 404


async def test_nobody_ends_the_sign_in_of_another(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH)
    client, bob = await server.client(), await server.client()
    await log_in(client)
    await log_in(bob, username="bob")
    (mine,) = (await client.http.get("api/v1/auth/sessions")).json()["signIns"]

    assert (await bob.http.delete(f"api/v1/auth/sessions/{mine['id']}")).status_code == 404
    assert (await who(client))["identifier"] == "ann"


async def test_logging_out_everywhere_ends_every_browser_and_token(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH)
    client, phone, program = await server.client(), await server.client(), await server.client()
    await log_in(client)
    await log_in(phone)
    token = (await client.post("api/v1/auth/tokens", json={"label": "script"})).json()["token"]

    await client.post("api/v1/auth/logout-everywhere")

    assert await who(client) is None
    assert await who(phone) is None
    response = await program.http.get("api/v1/app", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401


async def test_logging_in_again_ends_the_sign_in_of_before(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH)
    client = await server.client()
    await log_in(client)
    before = client.cookie

    await log_in(client, username="bob")

    assert (await who(client))["identifier"] == "bob"
    thief = await server.client({"Cookie": before})
    assert await who(thief) is None


async def test_on_logout_may_drop_cookies_of_the_apps_own(start: Start, app: convo.App) -> None:
    @app.on_logout
    def drop(request: Any, response: Any) -> None:
        response.set_cookie("mine", request.headers["user-agent"])

    client = await (await start(app, auth=AUTH)).client({"User-Agent": "Browser"})
    await log_in(client)

    response = await client.post("api/v1/auth/logout")

    assert "mine=Browser" in response.headers["set-cookie"]


async def test_a_visitors_chats_are_the_users_after_he_logs_in(start: Start, app: convo.App) -> None:
    client = await (await start(app, auth=AUTH | {"anonymous": True})).client()
    visiting = await client.socket().connect()
    await visiting.ask("Who am I?")
    assert visiting.text == "nobody"

    await log_in(client)

    async with asyncio.timeout(5):
        await visiting.until(lambda: visiting.is_closed)
    tab = await client.socket().connect(thread=visiting.hello["thread"], **visiting.position)
    await tab.ask("And now?")
    assert tab.text == "ann, reader"
    asked = [e["step"] for e in visiting.events if e["kind"] == "step-opened" and e["step"]["type"] == "user_message"]
    answer = await tab.command("edit", messageId=asked[0]["id"], content="Who was I?")
    assert answer["ok"], answer
    assert "convo-login" in client.cookie
    assert client.cookie.count("=") == 1, "the visitor's cookie is gone"


async def test_where_visitors_may_chat_their_threads_are_their_own(start: Start, app: convo.App) -> None:
    server = await start(app, auth=AUTH | {"anonymous": True})
    client, visitor = await server.client(), await server.client()
    await log_in(client)
    thread = (await client.post("api/v1/threads")).json()["thread"]

    assert (await visitor.http.get(f"api/v1/threads/{thread}")).status_code == 404
    assert (await visitor.http.get("api/v1/auth/sessions")).json() == {"signIns": []}
    assert (await visitor.post("api/v1/auth/tokens", json={"label": "x"})).status_code == 401


async def test_a_login_without_a_secret_does_not_start(start: Start, app: convo.App) -> None:
    with pytest.raises(convo.ConfigError, match=r"`password_auth_callback`.*`CONVO_AUTH__SECRET`.*`convo secret`"):
        await start(app)


async def test_a_callback_that_fails_lets_nobody_in(
    start: Start, app: convo.App, caplog: pytest.LogCaptureFixture
) -> None:
    @app.password_auth_callback
    def check(username: str, password: str) -> Any:
        if username == "ann":
            raise LookupError("the directory is down")
        return "bob"

    client = await (await start(app, auth=AUTH)).client()

    for name in ("ann", "bob"):
        response = await log_in(client, username=name)
        assert (response.status_code, response.json()["code"]) == (500, "internal")
        assert "directory" not in response.text
    assert "the directory is down" in caplog.text
    assert "must return a `convo.User` or `None`, not a `str`" in caplog.text


async def test_every_log_in_and_out_is_on_record(
    start: Start, app: convo.App, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "convo.audit")
    client = await (await start(app, auth=AUTH)).client()

    await log_in(client, password="guess")
    await log_in(client)
    tab = await client.socket().connect()
    await tab.ask("Something secret")
    await client.http.delete(f"api/v1/threads/{tab.hello['thread']}")
    await client.post("api/v1/auth/logout")

    records = [record for record in caplog.records if record.name == "convo.audit"]
    assert [record.event for record in records] == ["log-in-failed", "log-in", "thread-deleted", "log-out"]  # type: ignore[attr-defined]
    assert records[0].facts["identifier"] == "ann"  # type: ignore[attr-defined]
    said = " ".join(record.getMessage() for record in records)
    assert not any(word in said for word in ("opensesame", "guess", "Something"))


async def test_a_profile_that_a_user_may_not_see_cannot_be_chosen_by_its_name(
    start: Start, app: convo.App, roles: dict[str, str]
) -> None:
    roles["bob"] = "admin"

    @app.set_chat_profiles
    async def profiles(user: convo.User | None) -> list[convo.ChatProfile]:
        names = ["Everyday", "Payroll"] if user is not None and user.metadata["role"] == "admin" else ["Everyday"]
        return [convo.ChatProfile(name, markdown_description="") for name in names]

    server = await start(app, auth=AUTH)
    client, bob = await server.client(), await server.client()
    await log_in(client)
    await log_in(bob, username="bob")

    assert [one["name"] for one in (await client.http.get("api/v1/app")).json()["profiles"]] == ["Everyday"]
    assert await client.socket().refused(profile="Payroll") == "invalid"
    assert (await client.post("api/v1/threads", json={"profile": "Payroll"})).status_code == 400
    assert (await bob.socket().connect(profile="Payroll")).hello["principal"]["identifier"] == "bob"
