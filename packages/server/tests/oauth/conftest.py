"""A provider of our own, and log-ins at it step by step, as a browser goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from convo_server.oauth.client import OAuth
from convo_server.oauth.identity import Identity
from convo_server.oauth.provider import Provider
from convo_server.oauth.transaction import Transaction

from tests.harness.identity_provider import IdentityProvider

CALLBACK = "http://localhost:8000/auth/oauth/test/callback"


@pytest.fixture
def idp(monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityProvider]:
    """The provider, running."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # it is on this machine
    idp = IdentityProvider()
    idp.start()
    yield idp
    idp.stop()


class Flow:
    """Log-ins of an app at one provider."""

    def __init__(self, idp: IdentityProvider, provider: Provider, **options: Any) -> None:
        self.idp = idp
        self.provider = provider
        self.oauth = OAuth({provider.id: provider}, **options)

    async def go(self, **options: Any) -> tuple[Transaction, dict[str, str]]:
        """To the provider and back: what the browser brings."""
        url, transaction = await self.oauth.begin(self.provider, CALLBACK, **options)
        return transaction, await visit(url)

    async def log_in(self, **changes: str) -> Identity:
        """The whole way, with the callback's parameters changed on the way back."""
        transaction, query = await self.go()
        return await self.oauth.finish(transaction, query | changes)


async def visit(url: str, callback: str = CALLBACK) -> dict[str, str]:
    """Follow the provider to the callback's address, which is not asked."""
    async with httpx.AsyncClient(verify=False) as browser:
        answer = await browser.get(url)
    if answer.status_code == 200:  # a form that posts itself
        return dict(pair for pair in _inputs(answer.text))
    assert answer.status_code == 302, answer.text
    location = answer.headers["location"]
    assert location.startswith(callback)
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def _inputs(page: str) -> list[tuple[str, str]]:
    parts = page.split('<input type="hidden" name="')[1:]
    return [(part.split('"')[0], part.split('value="')[1].split('"')[0]) for part in parts]


@pytest.fixture
def provider_of() -> Callable[..., Provider]:
    """The settings of an app that is registered at the provider."""

    def provider(idp: IdentityProvider, **changes: Any) -> Provider:
        facts: dict[str, Any] = {
            "id": "test",
            "label": "Test",
            "client_id": "convo-app",
            "client_secret": "not a secret",
            "issuer": idp.url,
        }
        return Provider(**(facts | changes))

    return provider


@pytest.fixture
def flow(idp: IdentityProvider, provider_of: Callable[..., Provider]) -> Flow:
    return Flow(idp, provider_of(idp))


@pytest.fixture
def flow_of(idp: IdentityProvider, provider_of: Callable[..., Provider]) -> Callable[..., Flow]:
    """A flow with other settings of the provider; `options` are the client's."""

    def make(options: dict[str, Any] | None = None, **changes: Any) -> Flow:
        return Flow(idp, provider_of(idp, **changes), **(options or {}))

    return make
