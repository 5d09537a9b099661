"""Logging in elsewhere in a real Chromium, which decides by itself what goes along from one site to another."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import SHOTS
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


def settings(idp: IdentityProvider, **more: str) -> dict[str, str]:
    table = {
        "ISSUER": idp.url,
        "CLIENT_ID": "convo-app",
        "CLIENT_SECRET": "not a secret",
        "LABEL": "Example",
    } | more
    secret = {"AUTH__SECRET": "a secret of more than thirty-two characters"}
    return secret | {f"AUTH__OAUTH__TEST__{key}": value for key, value in table.items()}


@pytest.mark.parametrize("kind", ["plain", "hybrid"])
async def test_a_user_comes_back_from_another_site_and_chats(serve, context, idp, kind):
    """The provider is another site than the app: at `127.0.0.1`, not `localhost`."""
    more = {}
    if kind == "hybrid":  # a form that the provider makes the browser post
        idp.user |= {"oid": "jane", "tid": "t", "xms_edov": True}
        more = {"PROVIDER": "azure-ad-hybrid", "TENANT": "t", "USERINFO_URL": f"{idp.url}/userinfo"}
    server = await serve(app=APP, settings=settings(idp, **more))
    page = await context.new_page()

    await page.goto(f"http://localhost:{server.port}/?came=back")
    await page.get_by_role("link", name="Continue with Example").click()
    composer = page.get_by_role("textbox", name="Message")
    await composer.wait_for()
    assert page.url == f"http://localhost:{server.port}/?came=back"
    assert [cookie["name"] for cookie in await context.cookies() if "oauth" in cookie["name"]] == []
    await composer.fill("Who am I?")
    await composer.press("Enter")
    await page.get_by_text("You are Jane Doe, jane@example.com.").wait_for()
    assert server.complaints == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "The sign-in was cancelled."),
        ("temporarily_unavailable", "The sign-in service does not answer."),
        ("unauthorized_client", "The sign-in service gave no answer that can be trusted."),
    ],
)
async def test_who_comes_back_without_success_is_told_why_and_tries_again(serve, context, idp, error, words):
    server = await serve(app=APP, settings=settings(idp))
    page = await context.new_page()
    idp.denies = error

    await page.goto(f"http://localhost:{server.port}/?came=back")
    button = page.get_by_role("link", name="Continue with Example")
    await button.click()
    await page.get_by_role("alert").get_by_text(words).wait_for()
    await page.screenshot(path=SHOTS / f"oauth-{error}.png")
    idp.denies = None
    await button.click()
    await page.get_by_role("textbox", name="Message").wait_for()
    assert page.url == f"http://localhost:{server.port}/?came=back"
