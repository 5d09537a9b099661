"""Logging in elsewhere in a real Chromium, which decides by itself what goes along from one site to another."""

from collections.abc import Iterator

import pytest

from tests.harness.identity_provider import IdentityProvider

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

APP = """
import convo

@convo.oauth_callback
def admit(provider_id, token, raw_user_data, default_user):
    return default_user

@convo.on_message
async def answer(message):
    user = convo.user_session.get("user")
    await convo.Message(f"You are {user.display_name}, {user.identifier}.").send()
"""


@pytest.fixture
def idp(monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityProvider]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # it is on this machine
    idp = IdentityProvider()
    idp.start()
    yield idp
    idp.stop()


@pytest.mark.parametrize("provider", ["plain", "azure-ad-hybrid"])
async def test_a_user_comes_back_from_another_site_and_chats(serve, context, idp, provider):
    """The provider is another site than the app: at `127.0.0.1`, not `localhost`."""
    settings = {
        "AUTH__SECRET": "a secret of more than thirty-two characters",
        "AUTH__OAUTH__TEST__ISSUER": idp.url,
        "AUTH__OAUTH__TEST__CLIENT_ID": "convo-app",
        "AUTH__OAUTH__TEST__CLIENT_SECRET": "not a secret",
    }
    if provider != "plain":
        idp.user |= {"oid": "jane", "tid": "t", "xms_edov": True}
        settings["AUTH__OAUTH__TEST__PROVIDER"] = provider
        settings["AUTH__OAUTH__TEST__TENANT"] = "t"
        settings["AUTH__OAUTH__TEST__USERINFO_URL"] = f"{idp.url}/userinfo"
    server = await serve(app=APP, settings=settings)
    page = await context.new_page()

    await page.goto(f"http://localhost:{server.port}/auth/oauth/test?next=/%3Fcame%3Dback")
    composer = page.get_by_role("textbox", name="Message")
    await composer.wait_for()
    assert page.url == f"http://localhost:{server.port}/?came=back"
    assert [cookie["name"] for cookie in await context.cookies() if "oauth" in cookie["name"]] == []
    await composer.fill("Who am I?")
    await composer.press("Enter")
    await page.get_by_text("You are Jane Doe, jane@example.com.").wait_for()
    assert server.complaints == []
