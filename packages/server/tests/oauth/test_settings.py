"""From settings, and from the environment of apps that come from Chainlit, to providers; and what may be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from convo import Config, ConfigError
from convo_server.oauth.provider import Provider
from convo_server.oauth.settings import find_providers

SECRETS = {"client_id": "id", "client_secret": "secret"}
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"


def find(tables=None, environ=None, *, is_wanted=True, allow_private=False) -> dict[str, Provider]:
    config = Config(auth={"oauth": tables or {}})
    return find_providers(config.auth.oauth, environ or {}, is_wanted=is_wanted, allow_private=allow_private)


def mistake(tables=None, environ=None, **options) -> str:
    with pytest.raises(ConfigError) as caught:
        find(tables, environ, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "settings", "issuer"),
    [
        ("google", {}, "https://accounts.google.com"),
        ("azure-ad", {"tenant": TENANT}, f"https://login.microsoftonline.com/{TENANT}/v2.0"),
        ("azure-ad", {"tenant": "common"}, "https://login.microsoftonline.com/{tenantid}/v2.0"),
        ("azure-ad-hybrid", {"tenant": TENANT}, f"https://login.microsoftonline.com/{TENANT}/v2.0"),
        ("okta", {"domain": "acme.okta.com"}, "https://acme.okta.com/oauth2/default"),
        ("okta", {"domain": "acme.okta.com", "authorization_server": ""}, "https://acme.okta.com"),
        ("okta", {"domain": "acme.okta.com", "authorization_server": "aus1"}, "https://acme.okta.com/oauth2/aus1"),
        ("auth0", {"domain": "acme.eu.auth0.com"}, "https://acme.eu.auth0.com/"),
        ("descope", {}, "https://api.descope.com/id"),
        ("aws-cognito", {"domain": "acme.auth.eu-west-1.amazoncognito.com"}, None),
        ("gitlab", {}, "https://gitlab.com"),
        ("gitlab", {"domain": "git.acme.example/"}, "https://git.acme.example"),
        ("keycloak", {"domain": "https://sso.acme.example/auth", "realm": "staff"},
         "https://sso.acme.example/auth/realms/staff"),
        ("sso", {"issuer": "https://id.acme.example"}, "https://id.acme.example"),
        ("sso", {"provider": "keycloak", "domain": "http://localhost:8080", "realm": "dev"},
         "http://localhost:8080/realms/dev"),
        ("github", {}, None),
    ],
)  # fmt: skip
def test_a_table_is_a_provider(name, settings, issuer):
    provider = find({name: SECRETS | settings})[name]

    assert (provider.issuer, provider.client_id, provider.client_secret) == (issuer, "id", "secret")
    assert provider.is_oidc is (issuer is not None)
    assert "secret" not in repr(provider)


def test_what_a_provider_is_called_and_asked_can_be_changed():
    table = SECRETS | {"label": "Log in", "prompt": "login", "scopes": ["openid", "groups"], "identifier": "upn"}
    provider = find({"google": table})["google"]

    assert (provider.label, provider.identifier) == ("Log in", "upn")
    assert (provider.parameters, provider.scopes) == ({"prompt": "login"}, ("openid", "groups"))


def test_a_user_pool_s_issuer_makes_cognito_openid():
    pool = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
    provider = find({"aws-cognito": SECRETS | {"issuer": pool}})["aws-cognito"]

    assert (provider.issuer, provider.token_url) == (pool, None)


def test_entra_s_tenants_are_found_where_they_are():
    one, many = (find({"azure-ad": SECRETS | {"tenant": t}})["azure-ad"] for t in (TENANT, "organizations"))

    assert one.discovery_url == f"https://login.microsoftonline.com/{TENANT}/v2.0/.well-known/openid-configuration"
    assert many.discovery_url.startswith("https://login.microsoftonline.com/organizations/v2.0/")
    assert one.userinfo_url == "https://graph.microsoft.com/v1.0/me"


def test_several_at_once():
    assert list(find({"github": SECRETS, "google": SECRETS}, {"OAUTH_GITLAB_CLIENT_ID": "x",
                     "OAUTH_GITLAB_CLIENT_SECRET": "y"})) == ["github", "google", "gitlab"]  # fmt: skip


# --- Chainlit's environment ---


@pytest.mark.parametrize(
    ("prefix", "rest", "name", "fact"),
    [
        ("GITHUB", {}, "github", ("authorize_url", "https://github.com/login/oauth/authorize")),
        ("GOOGLE", {}, "google", ("issuer", "https://accounts.google.com")),
        ("AZURE_AD", {"TENANT_ID": TENANT, "ENABLE_SINGLE_TENANT": "true"}, "azure-ad",
         ("issuer", f"https://login.microsoftonline.com/{TENANT}/v2.0")),
        ("AZURE_AD_HYBRID", {"TENANT_ID": TENANT}, "azure-ad-hybrid",
         ("issuer", "https://login.microsoftonline.com/{tenantid}/v2.0")),
        ("OKTA", {"DOMAIN": "acme.okta.com"}, "okta", ("issuer", "https://acme.okta.com/oauth2/default")),
        ("OKTA", {"DOMAIN": "acme.okta.com", "AUTHORIZATION_SERVER_ID": "false"}, "okta",
         ("issuer", "https://acme.okta.com")),
        ("AUTH0", {"DOMAIN": "acme.auth0.com", "ORIGINAL_DOMAIN": "x.auth0.com"}, "auth0",
         ("issuer", "https://acme.auth0.com/")),
        ("DESCOPE", {}, "descope", ("issuer", "https://api.descope.com/id")),
        ("COGNITO", {"DOMAIN": "acme.auth.eu-west-1.amazoncognito.com"}, "aws-cognito",
         ("userinfo_url", "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/userInfo")),
        ("GITLAB", {"DOMAIN": "gitlab.com"}, "gitlab", ("issuer", "https://gitlab.com")),
        ("KEYCLOAK", {"BASE_URL": "https://sso.acme.example", "REALM": "staff", "NAME": "sso"}, "sso",
         ("issuer", "https://sso.acme.example/realms/staff")),
        ("GENERIC", {"AUTH_URL": "https://id.example/a", "TOKEN_URL": "https://id.example/t",
                     "USER_INFO_URL": "https://id.example/u", "SCOPES": "openid groups",
                     "USER_IDENTIFIER": "sub"}, "generic", ("scopes", ("openid", "groups"))),
    ],
)  # fmt: skip
def test_variables_that_chainlit_reads_are_read(prefix, rest, name, fact):
    variables = {"CLIENT_ID": "id", "CLIENT_SECRET": "secret"} | rest
    providers = find({}, {f"OAUTH_{prefix}_{key}": value for key, value in variables.items()})

    assert list(providers) == [name]
    assert getattr(providers[name], fact[0]) == fact[1]


def test_the_address_and_the_prompt_of_chainlit_are_kept():
    environ = {
        "OAUTH_GOOGLE_CLIENT_ID": "id",
        "OAUTH_GOOGLE_CLIENT_SECRET": "secret",
        "OAUTH_PROMPT": "login",
        "CHAINLIT_URL": "https://chat.acme.example/",
    }

    provider = find({}, environ)["google"]
    assert provider.redirect_url == "https://chat.acme.example/auth/oauth/google/callback"
    assert provider.parameters == {"prompt": "login"}
    assert find({}, environ | {"OAUTH_GOOGLE_PROMPT": "none"})["google"].parameters == {"prompt": "none"}


def test_a_table_wins_over_variables():
    environ = {"OAUTH_GOOGLE_CLIENT_ID": "theirs", "OAUTH_GOOGLE_CLIENT_SECRET": "theirs"}

    assert find({"google": SECRETS}, environ)["google"].client_id == "id"


def test_many_tenants_by_omission_are_warned_of(caplog):
    find({}, {"OAUTH_AZURE_AD_CLIENT_ID": "i", "OAUTH_AZURE_AD_CLIENT_SECRET": "s", "OAUTH_AZURE_AD_TENANT_ID": "t"})

    assert "`OAUTH_AZURE_AD_ENABLE_SINGLE_TENANT` is not set" in caplog.text


def test_variables_of_another_program_do_no_harm():
    assert find({}, {"OAUTH_GITHUB_CLIENT_ID": "of something else"}, is_wanted=False) == {}


# --- Mistakes ---


def test_a_callback_needs_a_provider_and_a_provider_a_callback():
    assert mistake() == (
        "The app has an `@convo.oauth_callback`, but no provider is configured: add one to convo.toml, as "
        "`[auth.oauth.github]` with `client_id` and `client_secret`."
    )
    assert mistake({"github": SECRETS}, is_wanted=False) == (
        "`[auth.oauth.github]` configures a log-in, but the app has no `@convo.oauth_callback` to say who may come in: "
        "add one, or remove the table."
    )


@pytest.mark.parametrize(
    ("name", "table", "text"),
    [
        ("github", {"client_secret": "s"}, "`auth.oauth.github.client_id`: is missing"),
        ("github", {"client_id": "i"}, "`auth.oauth.github.client_secret`: is missing; GitHub gives it"),
        ("okta", SECRETS, "`auth.oauth.okta.domain`: is missing; Okta cannot be found without it."),
        ("azure-ad", SECRETS, "`auth.oauth.azure-ad.tenant`: is missing"),
        ("azure-ad", SECRETS | {"tenant": "../evil"}, "`auth.oauth.azure-ad.tenant`: `../evil` cannot stand"),
        ("keycloak", SECRETS | {"domain": "sso.acme.example"}, "`auth.oauth.keycloak.realm`: is missing"),
        ("sso", SECRETS, "`auth.oauth.sso.issuer`: is missing; or give `authorize_url`"),
        ("githb", SECRETS, "Did you mean `[auth.oauth.github]`?"),
        ("sso", SECRETS | {"issuer": "id.acme.example"}, "`auth.oauth.sso.issuer`: `id.acme.example` is no address"),
        ("sso", SECRETS | {"issuer": "http://id.acme.example"}, "is not encrypted: use https"),
        ("sso", SECRETS | {"issuer": "https://id.example", "scopes": ["email"]}, "must contain `openid`"),
        ("sso", SECRETS | {"provider": "gogle"}, "`auth.oauth.sso.provider`: there is no `gogle`. Known: github"),
        ("a/b", SECRETS | {"issuer": "https://id.example"}, "a provider's name stands in an address"),
        ("password", SECRETS | {"issuer": "https://id.example"}, "`auth.oauth.password`: call it otherwise"),
        ("google", SECRETS | {"tenants": ["x"]}, "`auth.oauth.google.tenants`: only makes sense where"),
    ],
)
def test_a_mistake_names_its_key_and_what_to_do(name, table, text):
    assert text in mistake({name: table})


def test_a_mistake_in_the_environment_names_its_variable():
    assert "`OAUTH_OKTA_DOMAIN`: is missing" in mistake(
        {}, {"OAUTH_OKTA_CLIENT_ID": "i", "OAUTH_OKTA_CLIENT_SECRET": "s"}
    )
    assert "`OAUTH_KEYCLOAK_BASE_URL`: is missing" in mistake(
        {}, {"OAUTH_KEYCLOAK_CLIENT_ID": "i", "OAUTH_KEYCLOAK_CLIENT_SECRET": "s", "OAUTH_KEYCLOAK_REALM": "r"}
    )
    assert "`OAUTH_COGNITO_CLIENT_SECRET`: is missing" in mistake({}, {"OAUTH_COGNITO_CLIENT_ID": "i"})


def test_a_typing_error_in_the_file_names_its_line(tmp_path: Path):
    (tmp_path / "convo.toml").write_text('[auth.oauth.github]\nclient_id = "x"\nclientsecret = "y"\n')

    with pytest.raises(ConfigError, match=r"line 3: `auth.oauth.github.clientsecret`.*Did you mean `client_secret`"):
        Config.load(tmp_path)


def test_a_secret_stays_secret_and_may_come_from_the_environment(tmp_path: Path, monkeypatch):
    (tmp_path / "convo.toml").write_text('[auth.oauth.github]\nclient_id = "x"\n')
    monkeypatch.setenv("CONVO_AUTH__OAUTH__GITHUB__CLIENT_SECRET", "hush")

    config = Config.load(tmp_path)
    assert find_providers(config.auth.oauth, {}, is_wanted=True)["github"].client_secret == "hush"
    assert "hush" not in repr(config)
