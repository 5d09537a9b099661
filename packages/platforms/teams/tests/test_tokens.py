"""Who may post to `/teams/events`, and where the bot's own token goes."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
from convo.app import App
from convo.testing.process import until

from tests.platforms.fakes.teams import APP_ID, ISSUER, TENANT, FakeTeams, Key


async def test_a_good_token_is_let_in(serve: Any, parrot: App, fake: FakeTeams, sees: Any, sdk: str) -> None:
    await serve(parrot, sdk=sdk)

    response = await fake.send(fake.message("hello"))

    assert response.status_code == 200
    await sees("You said hello.")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": -3600},
        {"exp": None},
        {"nbf": 3600},
        {"aud": "another-bot"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": f"https://sts.windows.net/{TENANT}/"},
        {"iss": "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/", "appid": APP_ID, "ver": "1.0"},
        {"iss": None},
        {"serviceurl": "https://evil.example/"},
        {"serviceurl": None},
    ],
    ids=str,
)
async def test_a_token_with_a_bad_claim_is_refused(
    serve: Any, parrot: App, fake: FakeTeams, sdk: str, claims: dict[str, Any]
) -> None:
    """Times are seconds from now: a case that named the hour would be called otherwise in each process of the tests."""
    process = await serve(parrot, sdk=sdk)
    now = int(time.time())
    claims = {name: now + value if isinstance(value, int) else value for name, value in claims.items()}

    response = await fake.send(fake.message("hello"), token=fake.token(**claims))

    assert response.status_code in (401, 403)
    assert process.directory.sessions == []


async def test_a_forged_token_is_refused(serve: Any, parrot: App, fake: FakeTeams, sdk: str) -> None:
    process = await serve(parrot, sdk=sdk)
    good = fake.token()
    head, body, signature = good.split(".")
    facts = {"iss": ISSUER, "aud": APP_ID, "serviceurl": fake.service_url, "exp": int(time.time()) + 3600}
    tokens = [
        fake.token(key=Key(fake.keys[0].kid)),  # signed by somebody else in our name
        fake.token(key=Key("unknown")),
        jwt.encode(facts, "", algorithm="none", headers={"kid": fake.keys[0].kid}),
        jwt.encode(facts, "a-shared-secret-that-is-long-enough", algorithm="HS256", headers={"kid": fake.keys[0].kid}),
        jwt.encode(facts, fake.keys[0].private, algorithm="RS256"),  # names no key
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}.",
        "nonsense",
        "a b c",
        "",
    ]

    answers = [(await fake.send(fake.message("hello"), token=token)).status_code for token in tokens]

    assert set(answers) <= {401, 403}, answers
    assert process.directory.sessions == []


async def test_an_address_that_the_token_does_not_vouch_for_is_not_posted_to(
    serve: Any, parrot: App, fake: FakeTeams, sdk: str
) -> None:
    process = await serve(parrot, sdk=sdk)
    evil = "https://evil.example/emea/"
    activities = [
        ({**fake.message("hello"), "serviceUrl": evil}, fake.token()),
        ({**fake.message("hello"), "serviceUrl": None}, fake.token()),
        ({**fake.message("hello"), "serviceUrl": evil}, fake.token(serviceurl=evil)),  # vouched for, but not Teams'
        ({**fake.message("hello"), "channelId": "webchat"}, fake.token()),
        ({**fake.message("hello"), "channelId": None}, fake.token()),
    ]

    answers = [(await fake.send(activity, token=token)).status_code for activity, token in activities]

    assert set(answers) <= {401, 403}, answers
    assert process.directory.sessions == []
    assert fake.requests == []


async def test_a_new_key_of_teams_is_looked_up(serve: Any, parrot: App, fake: FakeTeams, sees: Any) -> None:
    """The other SDK does so after half a minute."""
    await serve(parrot)
    await fake.send(fake.message("one"))
    await sees("You said one.")

    fake.keys.append(Key("key-2"))
    response = await fake.send(fake.message("two"))

    assert response.status_code == 200
    await sees("You said two.")


@pytest.mark.parametrize(
    ("settings", "tenant", "is_let_in"),
    [
        ({}, TENANT, True),
        ({}, "another-tenant", False),
        ({"app_tenant_id": None}, "another-tenant", True),
        ({"app_tenant_id": None, "tenants": [TENANT]}, "another-tenant", False),
        ({"app_type": "MultiTenant"}, "another-tenant", True),
    ],
)
async def test_people_of_other_tenants_talk_to_bots_of_many(
    serve: Any, parrot: App, fake: FakeTeams, sees: Any, settings: dict[str, Any], tenant: str, is_let_in: bool
) -> None:
    await serve(parrot, **settings)
    activity = fake.message("hello")
    activity["conversation"]["tenantId"] = tenant

    response = await fake.send(activity)

    assert response.status_code == (200 if is_let_in else 403)
    if is_let_in:
        await sees("You said hello.")
        assert fake.token_requests[0]["tenant"] == (TENANT if not settings else "botframework.com")


async def test_a_managed_identity_needs_no_password(
    serve: Any, parrot: App, fake: FakeTeams, sees: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{fake.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "the-machine")
    await serve(parrot, app_type="UserAssignedMSI", app_password=None)

    await fake.send(fake.message("hello"))

    await sees("You said hello.")
    assert fake.token_requests[0]["resource"] == "https://api.botframework.com"


async def test_a_secret_that_was_revoked_is_said_at_the_start(
    serve: Any, parrot: App, fake: FakeTeams, caplog: pytest.LogCaptureFixture
) -> None:
    fake.passwords.clear()
    process = await serve(parrot)

    assert process.state[0] == "denied"
    assert "TEAMS_APP_PASSWORD" in caplog.text
    assert "the-secret-of-the-bot" not in caplog.text


async def test_a_token_of_the_bot_that_teams_takes_no_more_is_replaced(
    serve: Any, parrot: App, fake: FakeTeams, sees: Any, sdk: str
) -> None:
    await serve(parrot, sdk=sdk)
    await fake.send(fake.message("one"))
    await sees("You said one.")

    fake.tokens.clear()
    await fake.send(fake.message("two"))

    await sees("You said two.")
    assert len(fake.token_requests) == 2


async def test_a_secret_that_is_revoked_while_the_app_runs_is_said(
    serve: Any, parrot: App, fake: FakeTeams, sees: Any, sdk: str, caplog: pytest.LogCaptureFixture
) -> None:
    process = await serve(parrot, sdk=sdk)
    await fake.send(fake.message("one"))
    await sees("You said one.")

    fake.tokens.clear()
    fake.passwords.clear()
    await fake.send(fake.message("two"))

    await until(lambda: process.platforms.states["teams"].status == "denied", lambda: process.platforms.states)
    assert "TEAMS_APP_PASSWORD" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/teams/events", b"no json", 400),
        ("POST", "/teams/events", b"[1]", 400),
        ("POST", "/teams/events", b"{}", 400),
        ("POST", "/teams/events", b"[" * 100_000, 400),
        ("POST", "/teams/events", b'{"type": "message", "text": "' + b"a" * 1_100_000 + b'"}', 413),
        ("POST", "/teams/events", b'{"type": "message"}', 401),
        ("GET", "/teams/events", b"", 405),
        ("POST", "/teams/elsewhere", b"{}", 404),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_what_is_no_activity_is_refused(
    serve: Any, parrot: App, fake: FakeTeams, method: str, path: str, body: bytes, status: int
) -> None:
    await serve(parrot)
    assert fake.bot is not None

    response = await fake.bot.request(method, path, content=body)

    assert response.status_code == status


@pytest.mark.parametrize(
    "fields",
    [
        {"conversation": None},
        {"conversation": {"id": 5}},
        {"from": None},
        {"from": {"id": ["a"]}},
        {"text": 5},
        {"attachments": "none", "text": None},
        {"entities": {"a": 1}, "channelData": "x"},
        {"type": "messageUpdate", "id": "never-seen"},
        {"type": "invoke", "name": "fileConsent/invoke", "value": {"action": "accept", "context": {"convo": "a:b"}}},
        {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": {"data": {"convo": "act:unknown"}}}},
        {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": {"data": {"convo": "nonsense"}}}},
        {"type": "invoke", "name": "task/fetch", "value": None},
        {"type": "message", "text": "", "value": {"convo": {"a": 1}}},
        {"type": "installationUpdate"},
        {"type": "a-type-of-tomorrow"},
    ],
    ids=str,
)
async def test_what_is_unknown_or_broken_changes_nothing(
    serve: Any, parrot: App, fake: FakeTeams, sees: Any, sdk: str, fields: dict[str, Any]
) -> None:
    await serve(parrot, sdk=sdk)

    response = await fake.send({**fake.message("first"), **fields})

    assert response.status_code in (200, 400, 403, 501)
    await fake.send(fake.message("hello"))
    await sees("You said hello.")
