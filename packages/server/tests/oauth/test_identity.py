"""What each provider answers about a user, as it documents it, and whom the app gets to see."""

from __future__ import annotations

import pytest
from convo_server.oauth.identity import Identity, read_identity
from convo_server.oauth.presets import PRESETS
from convo_server.oauth.provider import Provider
from convo_server.oauth.refusal import Refusal


def identify(preset: str, claims=None, userinfo=None, emails=(), **changes) -> Identity:
    facts = {"id": preset, "label": "", "client_id": "app", "claims": PRESETS[preset].claims}
    return read_identity(
        Provider(**(facts | changes)), claims=claims or {}, userinfo=userinfo or {}, emails=emails, token="t"
    )


SAMPLES = [
    pytest.param(
        "github",
        {},
        {
            "login": "octocat",
            "id": 583231,
            "node_id": "MDQ6VXNlcjU4MzIzMQ==",
            "avatar_url": "https://avatars.githubusercontent.com/u/583231?v=4",
            "name": "The Octocat",
            "email": None,
        },
        [
            {"email": "octocat@users.noreply.github.com", "verified": True, "primary": False, "visibility": None},
            {"email": "octocat@github.com", "verified": True, "primary": True, "visibility": "public"},
        ],
        ("583231", "octocat@github.com", "The Octocat", "https://avatars.githubusercontent.com/u/583231?v=4"),
        id="github",
    ),
    pytest.param(
        "google",
        {"sub": "110169484474386276334", "hd": "example.com", "email": "jane@example.com", "email_verified": True},
        {"sub": "110169484474386276334", "name": "Jane Doe", "picture": "https://lh3.googleusercontent.com/a-/x"},
        [],
        ("110169484474386276334", "jane@example.com", "Jane Doe", "https://lh3.googleusercontent.com/a-/x"),
        id="google",
    ),
    pytest.param(
        "azure-ad",
        {
            "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "oid": "00000000-0000-0000-66f3-3332eca7ea81",
            "tid": "9122040d-6c67-4c5b-b112-36a304b66dad",
            "name": "Abe Lincoln",
            "preferred_username": "AbeLi@contoso.com",
            "email": "AbeLi@contoso.com",
            "xms_edov": True,
        },
        {"id": "00000000-0000-0000-66f3-3332eca7ea81", "userPrincipalName": "AbeLi@contoso.com", "jobTitle": "CEO"},
        [],
        (
            "00000000-0000-0000-66f3-3332eca7ea81.9122040d-6c67-4c5b-b112-36a304b66dad",
            "AbeLi@contoso.com",
            "Abe Lincoln",
            "",
        ),
        id="azure-ad",
    ),
    pytest.param(
        "okta",
        {"sub": "00uid4BxXw6I6TV4m0g3"},
        {
            "sub": "00uid4BxXw6I6TV4m0g3",
            "name": "John Doe",
            "preferred_username": "john.doe@example.com",
            "email": "john.doe@example.com",
            "email_verified": True,
            "zoneinfo": "America/Los_Angeles",
        },
        [],
        ("00uid4BxXw6I6TV4m0g3", "john.doe@example.com", "John Doe", ""),
        id="okta",
    ),
    pytest.param(
        "auth0",
        {"sub": "auth0|248289761001", "nickname": "janedoe"},
        {
            "sub": "auth0|248289761001",
            "name": "Jane Josephine Doe",
            "picture": "http://example.com/janedoe/me.jpg",
            "email": "janedoe@example.com",
            "email_verified": True,
        },
        [],
        ("auth0|248289761001", "janedoe@example.com", "Jane Josephine Doe", "http://example.com/janedoe/me.jpg"),
        id="auth0",
    ),
    pytest.param(
        "descope",
        {"sub": "U2iZuUtO8GuNtESmuWUR4B8kmUqf", "amr": ["email"]},
        {"sub": "U2iZuUtO8GuNtESmuWUR4B8kmUqf", "name": "Jo", "email": "jo@example.com", "email_verified": True},
        [],
        ("U2iZuUtO8GuNtESmuWUR4B8kmUqf", "jo@example.com", "Jo", ""),
        id="descope",
    ),
    pytest.param(
        "aws-cognito",
        {},
        {
            "sub": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
            "username": "mytestuser",
            "email": "my-test-user@example.com",
            "email_verified": "true",
        },
        [],
        ("a1b2c3d4-5678-90ab-cdef-EXAMPLE11111", "my-test-user@example.com", "mytestuser", ""),
        id="aws-cognito",
    ),
    pytest.param(
        "gitlab",
        {"sub": "1", "sub_legacy": "x", "email": "user@example.com", "email_verified": True},
        {
            "sub": "1",
            "name": "User Example",
            "nickname": "user",
            "picture": "https://gitlab.example.com/uploads/avatar.png",
            "groups": ["root"],
        },
        [],
        ("1", "user@example.com", "User Example", "https://gitlab.example.com/uploads/avatar.png"),
        id="gitlab",
    ),
    pytest.param(
        "keycloak",
        {"sub": "248289761001", "preferred_username": "j.doe", "email": "jane@example.com", "email_verified": True},
        {"sub": "248289761001", "name": "Jane Doe", "given_name": "Jane"},
        [],
        ("248289761001", "jane@example.com", "Jane Doe", ""),
        id="keycloak",
    ),
]


@pytest.mark.parametrize(("preset", "claims", "userinfo", "emails", "expected"), SAMPLES)
def test_a_provider_s_answer_is_a_user(preset, claims, userinfo, emails, expected):
    identity = identify(preset, claims, userinfo, emails)

    user = identity.user
    assert (identity.subject, user.identifier, user.display_name, user.metadata["image"]) == expected
    assert user.metadata["provider"] == preset
    assert identity.raw.items() >= (userinfo | claims).items()


def test_every_known_provider_has_a_sample():
    assert {sample.values[0] for sample in SAMPLES} == PRESETS.keys() - {"azure-ad-hybrid"}  # which is `azure-ad`
    assert PRESETS["azure-ad-hybrid"].claims == PRESETS["azure-ad"].claims


@pytest.mark.parametrize("said", [{}, {"email_verified": False}, {"email_verified": "false"}, {"email_verified": 0}])
def test_an_address_that_may_be_another_s_is_no_identifier(said):
    identity = identify("keycloak", {"sub": "7", "email": "boss@example.com"} | said)

    assert (identity.user.identifier, identity.email_verified) == ("keycloak:7", False)
    assert identity.email == "boss@example.com"


def test_any_tenant_s_word_for_an_address_is_not_enough():
    """Whoever has a tenant can write any address into its users."""
    claims = {"oid": "o", "tid": "t", "email": "boss@contoso.com", "email_verified": True}

    assert identify("azure-ad", claims, {"mail": "boss@contoso.com"}).user.identifier == "azure-ad:o.t"


def test_one_source_s_word_does_not_verify_another_s_address():
    claims = {"sub": "7", "email": "boss@example.com"}

    assert identify("okta", claims, {"sub": "7", "email_verified": True}).user.identifier == "okta:7"


def test_subjects_of_two_providers_never_meet():
    assert identify("gitlab", {"sub": "1"}).user.identifier != identify("keycloak", {"sub": "1"}).user.identifier


def test_users_may_be_known_by_another_claim():
    identity = identify("github", {}, {"id": 1, "login": "octocat"}, identifier="login")
    assert (identity.user.identifier, identity.subject) == ("octocat", "1")

    with pytest.raises(Refusal, match="does not say the `upn`"):
        identify("okta", {"sub": "1"}, identifier="upn")


@pytest.mark.parametrize("subject", [None, "", " ", True, ["1"], {"a": 1}])
def test_nobody_is_nobody(subject):
    with pytest.raises(Refusal, match="does not say the `sub`"):
        identify("okta", {"sub": subject})
