"""Logging in elsewhere over a real server: what a person with a browser, and somebody who is not that person, get."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import convo
import httpx
import pytest
from convo_server import mount
from starlette.applications import Starlette

from tests.harness.identity_provider import IdentityProvider

AUTH = {"secret": "a secret of more than thirty-two characters"}


@pytest.fixture
def app() -> convo.App:
    """Lets everybody of example.com in, and tells them who they are."""
    app = convo.App()

    @app.oauth_callback
    def admit(
        provider_id: str, token: str, raw_user_data: dict[str, Any], default_user: convo.User, id_token: str | None
    ) -> convo.User | None:
        assert token
        assert id_token
        return default_user if raw_user_data["email"].endswith("@example.com") else None

    @app.on_message
    async def answer(message: convo.Message) -> None:
        user = convo.user_session.get("user")
        await convo.Message(f"{user.identifier} by {user.metadata['provider']}").send()

    return app


@pytest.fixture
def settings(idp: IdentityProvider) -> Callable[..., dict[str, Any]]:
    """`[auth]` with providers of these names, which are all the same one."""

    def make(*names: str, **more: Any) -> dict[str, Any]:
        table = {"client_id": "convo-app", "client_secret": "not a secret", "issuer": idp.url, "label": "Example"}
        return AUTH | {"oauth": dict.fromkeys(names or ("test",), table)} | more

    return make


class Browser:
    """Goes where it is sent, step by step."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.http: httpx.AsyncClient = client.http

    async def leave(self, path: str = "auth/oauth/test") -> str:
        """Off to the provider; the address that it sends back to."""
        there = await self.http.get(path)
        assert there.status_code == 302, there.text
        async with httpx.AsyncClient(verify=False) as provider:
            answer = await provider.get(there.headers["location"])
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def log_in(self, path: str = "auth/oauth/test") -> str:
        """To the provider and back; where the app sends it in the end."""
        return await self.arrive(await self.leave(path))

    async def arrive(self, address: str) -> str:
        back = await self.http.get(address)
        assert back.status_code == 303, back.text
        assert back.headers["cache-control"] == "no-store"
        return back.headers["location"]

    async def who(self) -> Any:
        principal = (await self.http.get("api/v1/auth")).json().get("principal")
        return principal and principal["identifier"]


@pytest.fixture
async def browse(start, app, settings):
    """A browser at an app that has these providers."""

    async def open(*names: str, app: convo.App = app, **more: Any) -> Browser:
        server = await start(app, auth=settings(*names, **more))
        return Browser(await server.client())

    return open


async def test_a_user_logs_in_elsewhere_and_chats(browse, idp):
    browser = await browse()

    offered = (await browser.http.get("api/v1/auth")).json()
    assert offered == {
        "required": True,
        "providers": [{"id": "test", "name": "Example", "url": "auth/oauth/test"}],
    }
    assert await browser.log_in() == "/"
    assert await browser.who() == "jane@example.com"
    tab = await browser.client.socket().connect()
    await tab.ask("Who am I?")
    assert tab.text == "jane@example.com by test"


async def test_a_deep_link_is_kept(browse):
    browser = await browse()

    assert await browser.log_in("auth/oauth/test?next=/thread/7%3Fa%3Db") == "/thread/7?a=b"


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example", "/%09/evil.example"])
async def test_no_link_leads_out_of_the_app(browse, next):
    browser = await browse()

    assert await browser.log_in(f"auth/oauth/test?next={next}") == "/"


async def test_what_the_browser_carries_is_nobody_else_s_business(browse, idp):
    browser = await browse()

    there = await browser.http.get("auth/oauth/test")
    (cookie,) = there.headers.get_list("set-cookie")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=3600"} <= set(cookie.split("; "))
    query = parse_qs(urlsplit(there.headers["location"]).query)
    assert not [value for values in query.values() for value in values if value in cookie]
    callback = await browser.leave()
    await browser.arrive(callback)
    assert sum("oauth" in name for name in browser.http.cookies) == 1  # of the one that was left


async def test_an_answer_counts_once_and_in_its_browser_alone(browse, start):
    browser = await browse()
    callback = await browser.leave()
    cookies = dict(browser.http.cookies)

    browser.http.cookies.clear()
    assert await browser.arrive(callback) == "/login?error=state"  # a victim is sent somebody else's answer
    browser.http.cookies.update(cookies)
    assert await browser.arrive(callback) == "/"
    assert await browser.arrive(callback) == "/login?error=state"
    browser.http.cookies.update(cookies)  # of who kept it
    assert await browser.arrive(callback) == "/login?error=state"


async def test_an_answer_of_one_provider_is_none_of_another(browse):
    browser = await browse("test", "other")
    callback = await browser.leave("auth/oauth/test")

    assert await browser.arrive(callback.replace("/test/", "/other/")) == "/login?error=state"


async def test_a_cookie_of_another_server_is_refused(browse):
    browser = await browse()
    callback = await browser.leave()
    (name,) = (name for name in browser.http.cookies if "oauth" in name)

    browser.http.cookies[name] = "gAAAAAB" + browser.http.cookies[name][7:].swapcase()
    assert await browser.arrive(callback) == "/login?error=state"


async def test_a_parameter_that_comes_twice_counts_for_nothing(browse):
    browser = await browse()
    callback = await browser.leave()

    assert await browser.arrive(f"{callback}&state=x") == "/login?error=state"


async def test_the_app_says_who_may_come_in(browse, idp, caplog):
    caplog.set_level(logging.INFO, "convo.audit")
    browser = await browse()
    idp.user["email"] = "jane@elsewhere.example"

    assert await browser.log_in("auth/oauth/test?next=/thread/7") == "/login?error=not-allowed&next=%2Fthread%2F7"
    assert await browser.who() is None
    audited = [record for record in caplog.records if record.name == "convo.audit"]
    assert [(record.event, record.facts) for record in audited] == [
        (
            "log-in-failed",
            {"provider": "test", "identifier": "jane@elsewhere.example", "reason": "not-allowed", "address": None},
        )
    ]


async def test_a_callback_that_fails_lets_nobody_in(browse, caplog):
    app = convo.App()
    app.on_message(lambda message: None)

    @app.oauth_callback
    def admit(provider_id, token, raw_user_data, default_user):
        raise RuntimeError("the database is away")

    browser = await browse(app=app)
    assert await browser.log_in() == "/login?error=unavailable"
    assert "the database is away" in caplog.text
    assert await browser.who() is None


async def test_what_the_provider_says_no_to_comes_back_as_a_code(browse, idp, caplog):
    browser = await browse()

    idp.denies = "access_denied"
    assert await browser.log_in() == "/login?error=denied"
    idp.denies = "invalid_scope"
    assert await browser.log_in() == "/login?error=provider-invalid"
    assert "check `client_id`, `client_secret`" in caplog.text


async def test_a_provider_that_is_down_is_said_at_once(browse, idp):
    browser = await browse()
    idp.down.add("/.well-known/openid-configuration")

    there = await browser.http.get("auth/oauth/test?next=/thread/7")
    assert (there.status_code, there.headers["location"]) == (303, "/login?error=provider-down&next=%2Fthread%2F7")


async def test_one_address_by_two_providers_is_one_user_only_if_settings_say_so(browse):
    browser = await browse("test", "other")
    await browser.log_in("auth/oauth/test")

    assert await browser.log_in("auth/oauth/other") == "/login?error=in-use"
    linking = await browse("test", "other", link_by_identifier=True)
    await linking.log_in("auth/oauth/test")
    assert await linking.log_in("auth/oauth/other") == "/"


async def test_a_user_whose_address_changes_stays_who_he_is(browse, idp):
    browser = await browse()
    await browser.log_in()
    before = (await browser.http.get("api/v1/auth")).json()["principal"]

    idp.user["email"] = "jane.doe@example.com"
    await browser.log_in()
    after = (await browser.http.get("api/v1/auth")).json()["principal"]
    assert (after["id"], after["identifier"]) == (before["id"], "jane.doe@example.com")


async def test_log_ins_that_are_left_do_not_add_up(browse):
    browser = await browse()

    for _ in range(20):
        await browser.http.get("auth/oauth/test")
    assert sum("oauth" in name for name in browser.http.cookies) <= 4
    assert await browser.log_in() == "/"


async def test_several_log_ins_of_one_browser_do_not_disturb_each_other(browse):
    browser = await browse()

    one, other = await browser.leave("auth/oauth/test?next=/one"), await browser.leave("auth/oauth/test?next=/other")
    assert [await browser.arrive(one), await browser.arrive(other)] == ["/one", "/other"]


async def test_nobody_logs_in_where_nothing_is_configured(start, browse):
    plain = convo.App()
    plain.on_message(lambda message: None)
    visitor = await (await start(plain)).client()
    browser = await browse()

    for client, path in (
        (visitor, "auth/oauth/test"),
        (visitor, "auth/oauth/test/callback?code=x&state=y"),
        (browser.client, "auth/oauth/nobody"),
        (browser.client, "auth/oauth/nobody/callback"),
    ):
        assert (await client.http.get(path)).status_code == 404, path


async def test_garbage_is_answered_and_changes_nothing(browse):
    browser = await browse()

    for query in ("", "?state=", "?code=x", "?error=access_denied", "?state=%00&code=%ff", "?state=" + "x" * 5000):
        assert await browser.arrive(f"auth/oauth/test/callback{query}") == "/login?error=state", query
    assert (await browser.http.post("auth/oauth/test/callback", data={"state": "x"})).status_code == 501
    assert await browser.who() is None


async def test_an_app_below_a_path_is_come_back_to(start, app, settings, idp):
    web = Starlette()
    mount(web, app, "/chat", {"auth": settings(), "server": {"headless": True}})
    client = await (await start(convo.App(), web)).client()
    browser = Browser(client)
    browser.http.base_url = f"{browser.http.base_url}chat/"
    await browser.http.get("")

    assert await browser.log_in("auth/oauth/test?next=/thread/7") == "/chat/thread/7"
    assert urlsplit(idp.sent[0]["redirect_uri"]).path == "/chat/auth/oauth/test/callback"
    assert await browser.who() == "jane@example.com"


async def test_a_log_in_outlives_a_reload(browse, start, app, settings):
    server = await start(app, auth=settings())
    browser = Browser(await server.client())
    callback = await browser.leave()

    saved = convo.App()
    saved.on_message(lambda message: None)
    saved.oauth_callback(lambda provider_id, token, raw, user: convo.User("saved"))
    saved.configure()
    await server.host.swap(saved)
    assert await browser.arrive(callback) == "/"
    assert await browser.who() == "saved"


async def test_an_app_that_nobody_can_log_in_to_does_not_start(start, app, settings):
    with pytest.raises(convo.ConfigError, match="no provider is configured"):
        await start(app, auth=AUTH)
    closed = convo.App()
    closed.on_message(lambda message: None)
    with pytest.raises(convo.ConfigError, match=r"no `@convo.oauth_callback`"):
        await start(closed, auth=settings())


async def test_a_user_logs_in_at_github_as_github_has_it(start, idp):
    """Plain OAuth 2: no ID token, a number for a subject, and addresses in a list of their own."""
    app = convo.App()
    app.on_message(lambda message: None)
    seen: list[Any] = []

    @app.oauth_callback
    def admit(provider_id, token, raw_user_data, default_user, id_token):
        seen.append((provider_id, raw_user_data["login"], raw_user_data["emails"], id_token))
        return default_user

    idp.user = {
        "id": 583231,
        "login": "octocat",
        "name": "The Octocat",
        "avatar_url": "https://a.example/1",
        "email": None,
    }
    idp.emails = [{"email": "octocat@github.com", "primary": True, "verified": True, "visibility": "public"}]
    addresses = {f"{name}_url": f"{idp.url}/{path}" for name, path in ADDRESSES.items()}
    table = {"client_id": "convo-app", "client_secret": "not a secret"} | addresses
    server = await start(app, auth=AUTH | {"oauth": {"github": table}})
    browser = Browser(await server.client())

    assert await browser.log_in("auth/oauth/github") == "/"
    assert await browser.who() == "octocat@github.com"
    assert seen == [("github", "octocat", idp.emails, None)]
    assert idp.sent[0]["scope"] == "user:email"


ADDRESSES = {"authorize": "authorize", "token": "token", "userinfo": "userinfo"}


# --- By a form, as Entra's hybrid flow ---


@pytest.fixture
async def hybrid(start, app, settings, idp):
    """A browser at an app that has our provider as it would have Entra."""
    idp.user |= {"oid": "o", "tid": "t", "xms_edov": True}
    auth = settings()
    auth["oauth"]["test"] |= {"provider": "azure-ad-hybrid", "tenant": "t", "userinfo_url": f"{idp.url}/userinfo"}
    return Browser(await (await start(app, auth=auth)).client())


async def test_a_user_logs_in_by_a_form(hybrid, idp):
    there = await hybrid.http.get("auth/oauth/test?next=/thread/7")
    (cookie,) = there.headers.get_list("set-cookie")
    assert {"Secure", "SameSite=none", "HttpOnly"} <= set(cookie.split("; "))
    form = await visit(there.headers["location"])
    name, _, value = cookie.split("; ")[0].partition("=")

    def post(form: dict[str, str]) -> Any:
        return hybrid.http.post(
            "auth/oauth/test/callback",
            data=form,
            headers={"Cookie": f"{name}={value}", "Origin": idp.url, "Sec-Fetch-Site": "cross-site"},
        )

    assert (await post(form | {"padding": "x" * 70_000})).status_code == 413
    back = await post(form)
    assert (back.status_code, back.headers["location"]) == (303, "/thread/7")
    assert await hybrid.who() == "jane@example.com"
    assert (await post(form)).headers["location"] == "/login?error=state&next=%2Fthread%2F7"


async def visit(url: str) -> dict[str, str]:
    async with httpx.AsyncClient(verify=False) as provider:
        page = (await provider.get(url)).text
    parts = page.split('<input type="hidden" name="')[1:]
    return {part.split('"')[0]: part.split('value="')[1].split('"')[0] for part in parts}


async def test_a_crowd_logs_in_at_once(browse, start, app, settings):
    server = await start(app, auth=settings())
    browsers = [Browser(await server.client()) for _ in range(10)]

    assert set(await asyncio.gather(*(browser.log_in() for browser in browsers))) == {"/"}
