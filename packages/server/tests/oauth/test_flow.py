"""Real log-ins at a real provider, and every way we know to cheat at them."""

from __future__ import annotations

import asyncio
import time

import pytest
from convo_server.oauth.presets import PRESETS
from convo_server.oauth.provider import TENANT
from convo_server.oauth.refusal import Refusal
from joserfc.jwk import RSAKey


async def refused(login) -> str:
    with pytest.raises(Refusal) as caught:
        await login
    return f"{caught.value.code}: {caught.value}"


@pytest.fixture
def later(flow_of):
    """A flow, and how to let time go by for it."""
    passed = [0.0]

    def wait(seconds: float) -> None:
        passed[0] += seconds

    return flow_of({"clock": lambda: time.time() + passed[0]}), wait


async def test_a_user_logs_in(flow, idp):
    identity = await flow.log_in()

    assert identity.user.identifier == "jane@example.com"
    assert identity.user.display_name == "Jane Doe"
    assert identity.user.metadata["image"] == "https://img.example.com/jane.png"
    assert (identity.subject, identity.email_verified) == ("jane-1", True)
    assert identity.raw["name"] == "Jane Doe"
    assert identity.token
    assert identity.id_token.count(".") == 2
    sent = idp.sent[0]
    assert sent["code_challenge_method"] == "S256"
    assert len({sent["state"], sent["nonce"], sent["code_challenge"]}) == 3
    assert sent["scope"] == "openid profile email"


async def test_no_two_log_ins_share_a_secret(flow):
    one, _ = await flow.go()
    other, _ = await flow.go()

    assert not {one.state, one.nonce, one.verifier} & {other.state, other.nonce, other.verifier}


async def test_a_provider_may_want_its_client_by_header(flow, idp):
    idp.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_basic"]

    assert (await flow.log_in()).subject == "jane-1"


async def test_another_s_state_is_refused(flow):
    theirs, _ = await flow.go()

    assert (await refused(flow.log_in(state=theirs.state))).startswith("state:")
    assert (await refused(flow.log_in(state=""))).startswith("state:")


async def test_an_answer_counts_once(flow):
    transaction, query = await flow.go()
    await flow.oauth.finish(transaction, query)

    assert "second time" in await refused(flow.oauth.finish(transaction, query))


async def test_a_code_counts_once(flow, flow_of):
    transaction, query = await flow.go()
    await flow.oauth.finish(transaction, query)
    elsewhere = flow_of()  # another process, which does not know that it was used

    assert (await refused(elsewhere.oauth.finish(transaction, query))).startswith("expired:")


async def test_a_code_is_of_no_use_in_another_log_in(flow):
    """Injected: the verifier is not the one that the code was made with."""
    _, theirs = await flow.go()

    assert (await refused(flow.log_in(code=theirs["code"]))).startswith("expired:")


async def test_a_log_in_that_took_too_long_is_refused(later):
    flow, wait = later
    transaction, query = await flow.go()
    wait(601)

    assert (await refused(flow.oauth.finish(transaction, query))).startswith("expired:")


async def test_a_token_of_another_log_in_is_refused(flow, idp):
    idp.forge = lambda claims: claims | {"nonce": "of another"}
    assert "nonce" in await refused(flow.log_in())

    idp.forge = lambda claims: {name: claims[name] for name in claims if name != "nonce"}
    assert "nonce" in await refused(flow.log_in())


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://evil.example"}, "evil.example"),
        ({"iss": None}, "iss"),
        ({"aud": "another-app"}, "aud"),
        ({"aud": ["another-app"]}, "aud"),
        ({"aud": ["convo-app", "another-app"]}, "azp"),
        ({"aud": ["convo-app", "another-app"], "azp": "another-app"}, "azp"),
        ({"azp": "another-app"}, "azp"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"exp": None}, "exp"),
        ({"exp": "never"}, "exp"),
        ({"iat": None}, "iat"),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "at_hash"),
    ],
    ids=str,
)
async def test_a_token_that_says_something_else_is_refused(flow, idp, claims, why):
    def forge(said):
        return {name: value for name, value in (said | claims).items() if value is not None}

    idp.forge = forge

    refusal = await refused(flow.log_in())
    assert refusal.startswith("provider-invalid:")
    assert why in refusal


async def test_a_clock_may_be_off_by_a_minute_and_not_more(flow, idp):
    now = int(time.time())

    for off in (-50, 50):
        idp.forge = lambda claims, off=off: claims | {"iat": now + off, "exp": now + off + (0 if off < 0 else 300)}
        assert (await flow.log_in()).subject == "jane-1"
    idp.forge = lambda claims: claims | {"iat": now - 400, "exp": now - 100}
    assert "expired" in await refused(flow.log_in())
    idp.forge = lambda claims: claims | {"iat": now + 100, "exp": now + 400}
    assert "cannot be trusted" in await refused(flow.log_in())
    idp.forge = lambda claims: claims | {"nbf": now + 100}
    assert (await refused(flow.log_in())).startswith("provider-invalid:")


async def test_keys_may_rotate(later, idp):
    flow, wait = later
    await flow.log_in()
    before = idp.asked["/jwks"]
    await flow.log_in()
    assert idp.asked["/jwks"] == before  # kept

    idp.rotate()
    wait(31)
    assert (await flow.log_in()).subject == "jane-1"
    assert idp.asked["/jwks"] == before + 1


async def test_keys_that_somebody_makes_up_do_not_make_us_ask_all_the_time(flow, idp):
    await flow.log_in()
    before = idp.asked["/jwks"]
    idp.key = RSAKey.generate_key(2048, {"kid": "made up"})

    for _ in range(3):
        assert (await refused(flow.log_in())).startswith("provider-invalid:")
    assert idp.asked["/jwks"] == before


async def test_a_forged_signature_is_refused(flow, idp):
    idp.key = RSAKey.generate_key(2048, {"kid": idp.keys[0].kid})  # of the right name

    assert (await refused(flow.log_in())).startswith("provider-invalid:")


async def test_only_signatures_of_private_keys_count(flow, idp):
    idp.key = None
    for algorithm in ("HS256", "none"):
        idp.algorithm = algorithm
        assert (await refused(flow.log_in())).startswith("provider-invalid: The ID token")


async def test_a_key_that_the_token_itself_names_is_not_asked_for(flow, idp):
    idp.key = RSAKey.generate_key(2048, {"kid": "mine"})
    theirs = idp.key.as_dict(private=False)
    for header in ({"jwk": theirs}, {"jku": f"{idp.url}/elsewhere"}, {"x5u": f"{idp.url}/elsewhere"}):
        idp.header = header
        assert (await refused(flow.log_in())).startswith("provider-invalid: The ID token")
    assert "/elsewhere" not in idp.asked


async def test_an_answer_of_another_provider_is_refused(flow, flow_of, idp):
    """Mix-up, RFC 9207."""
    assert "not from `test`" in await refused(flow.log_in(iss="https://evil.example"))

    idp.sends_issuer = True
    flow = flow_of()
    assert (await flow.log_in()).subject == "jane-1"
    transaction, query = await flow.go()
    del query["iss"]
    assert "has sent none" in await refused(flow.oauth.finish(transaction, query))


async def test_a_user_s_page_that_is_of_another_is_refused(flow, idp):
    idp.userinfo = {"sub": "somebody else"}

    assert "another user" in await refused(flow.log_in())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("access_denied", "denied"),
        ("login_required", "denied"),
        ("temporarily_unavailable", "provider-down"),
        ("unauthorized_client", "provider-invalid"),
    ],
)
async def test_a_provider_that_says_no_is_understood(flow, idp, error, code):
    idp.denies = error

    assert (await refused(flow.log_in())).startswith(f"{code}: `test` answered '{error}': 'No'")


async def test_a_wrong_client_secret_says_what_to_check(flow_of):
    refusal = await refused(flow_of(client_secret="wrong").log_in())

    assert refusal.startswith("provider-invalid: `test` answered 'invalid_client'")
    assert "check `client_id`, `client_secret`" in refusal


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"])
async def test_a_provider_that_is_down_is_called_so(later, idp, path):
    flow, wait = later
    idp.down.add(path)

    assert (await refused(flow.log_in())).startswith("provider-down:")
    idp.down.clear()
    wait(6)
    assert (await flow.log_in()).subject == "jane-1"  # and comes back


async def test_a_crowd_asks_a_provider_that_is_down_once(flow, idp):
    idp.down.add("/.well-known/openid-configuration")

    refusals = await asyncio.gather(*(refused(flow.log_in()) for _ in range(5)))
    assert {refusal.partition(":")[0] for refusal in refusals} == {"provider-down"}
    assert idp.asked == {"/.well-known/openid-configuration": 1}


async def test_discovery_of_another_issuer_is_refused(flow, idp):
    idp.metadata["issuer"] = "https://evil.example"

    assert "not of" in await refused(flow.log_in())


@pytest.mark.parametrize("code", ["", "x" * 10_000])
async def test_a_callback_without_a_code_is_refused(flow, code):
    assert "without a code" in await refused(flow.log_in(code=code))


# --- Tenants, as Entra has them ---

CONTOSO, FABRIKAM = "72f988bf-86f1-41af-91ab-2d7cd011db47", "0ee2f6a4-8e29-4d6c-9d84-5ef0e2c0a5a1"


@pytest.fixture
def entra(flow_of, idp):
    """A flow at a provider of many tenants; its tokens are of CONTOSO's."""
    idp.user |= {"oid": "jane-everywhere", "tid": CONTOSO, "email_verified": True}
    idp.metadata["issuer"] = f"{idp.url}/{TENANT}/v2.0"
    idp.forge = lambda claims: claims | {"iss": f"{idp.url}/{claims['tid']}/v2.0"}

    def make(**changes):
        return flow_of(
            **{
                "issuer": f"{idp.url}/{TENANT}/v2.0",
                "discovery_url": f"{idp.url}/.well-known/openid-configuration",
                "claims": PRESETS["azure-ad"].claims,
                "has_profile": True,
            }
            | changes
        )

    return make


async def test_users_of_any_tenant_log_in_where_any_may(entra, idp):
    assert (await entra().log_in()).user.identifier == f"test:jane-everywhere.{CONTOSO}"
    idp.user["xms_edov"] = "1"
    assert (await entra().log_in()).user.identifier == "jane@example.com"


async def test_a_tenant_speaks_for_itself_alone(entra, idp):
    idp.forge = lambda claims: claims | {"iss": f"{idp.url}/{FABRIKAM}/v2.0"}
    assert "for the tenant" in await refused(entra().log_in())
    idp.forge = lambda claims: claims | {"iss": f"{idp.url}/{TENANT}/v2.0", "tid": None}
    assert "for the tenant" in await refused(entra().log_in())


async def test_users_of_other_tenants_stay_out_where_some_are_named(entra):
    assert (await entra(tenants=(CONTOSO,)).log_in()).subject.endswith(CONTOSO)
    assert (await refused(entra(tenants=(FABRIKAM,)).log_in())).startswith("not-allowed:")


async def test_users_of_other_tenants_stay_out_where_one_is_configured(entra, idp):
    idp.metadata["issuer"] = f"{idp.url}/{FABRIKAM}/v2.0"

    assert "not from" in await refused(entra(issuer=f"{idp.url}/{FABRIKAM}/v2.0").log_in())


# --- Hybrid ---


async def test_a_user_logs_in_by_a_form(flow_of, idp):
    flow = flow_of(is_hybrid=True)
    transaction, query = await flow.go()

    assert set(query) >= {"code", "id_token", "state"}
    assert (await flow.oauth.finish(transaction, query)).user.identifier == "jane@example.com"
    assert idp.sent[0]["response_mode"] == "form_post"
    assert idp.sent[0]["response_type"] == "code id_token"


async def test_the_token_of_a_form_belongs_to_its_code_and_its_log_in(flow_of, idp):
    flow = flow_of(is_hybrid=True)

    _, theirs = await flow.go()
    assert (await refused(flow.log_in(id_token=theirs["id_token"]))).startswith("provider-invalid:")
    transaction, query = await flow.go()
    forged = idp.id_token(transaction.nonce)  # without the code's hash
    assert "c_hash" in await refused(flow.oauth.finish(transaction, query | {"id_token": forged}))
    for garbage in ("", "a.b.c", "é", "." * 50, "x" * 100_000):
        assert (await refused(flow.log_in(id_token=garbage))).startswith("provider-invalid:")


async def test_the_two_tokens_of_a_form_s_log_in_are_of_one_user(flow_of, idp):
    flow = flow_of(is_hybrid=True)
    transaction, query = await flow.go()
    idp.user["sub"] = "somebody else"

    assert "not of the same user" in await refused(flow.oauth.finish(transaction, query))


# --- Plain OAuth 2 ---


@pytest.fixture
def plain(flow_of, idp):
    return flow_of(
        issuer=None,
        authorize_url=f"{idp.url}/authorize",
        token_url=f"{idp.url}/token",
        userinfo_url=f"{idp.url}/userinfo",
        emails_url=f"{idp.url}/userinfo/emails",
        scopes=("user:email",),
    )


async def test_a_user_logs_in_without_openid(plain, idp):
    idp.user["email"] = None
    idp.emails = [
        {"email": "other@example.com", "primary": False, "verified": True},
        {"email": "jane@example.com", "primary": True, "verified": True},
    ]

    identity = await plain.log_in()
    assert identity.user.identifier == "jane@example.com"
    assert identity.raw["emails"] == idp.emails
    assert identity.id_token is None
    assert "nonce" not in idp.sent[0]
    assert idp.sent[0]["code_challenge"]


async def test_an_address_that_is_not_verified_names_nobody(plain, flow, idp):
    idp.user |= {"email": "boss@example.com", "email_verified": False}
    idp.emails = [{"email": "boss@example.com", "primary": True, "verified": False}]

    for identity in (await plain.log_in(), await flow.log_in()):
        assert identity.user.identifier == "test:jane-1"
        assert (identity.email, identity.email_verified) == ("boss@example.com", False)
