"""Accounts: how to get in, who is in, and since when. They travel by HTTP alone, below `api/v1/auth`."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from convo.protocol.frames import PrincipalInfo
from convo.protocol.wire import WireStruct

__all__ = ["AuthInfo", "Credentials", "LoginProvider", "SignInInfo", "SignInList", "Token", "TokenRequest"]


class LoginProvider(WireStruct, frozen=True):
    """A place elsewhere where users log in; the browser goes to `url`, which is from the app's root, without `/`."""

    id: str
    name: str
    url: str


class AuthInfo(WireStruct, frozen=True):
    """How to get in, and who is asking: `GET api/v1/auth`. Without `principal`, who asks has to log in."""

    required: bool = False
    password: bool = False  # `POST api/v1/auth/login` takes a name and a password
    providers: list[LoginProvider] = field(default_factory=list)
    principal: PrincipalInfo | None = None
    logout: bool = False  # who asks can log out here
    tokens: bool = False  # and can make tokens for the API


class Credentials(WireStruct, frozen=True):
    """`POST api/v1/auth/login`, up."""

    username: str
    password: str


class SignInInfo(WireStruct, frozen=True):
    """Where a user is signed in: a browser, an embedded chat, or a program with a token, which `label` names."""

    id: str
    kind: Literal["browser", "copilot", "token"]
    label: str
    created_at: str
    seen_at: str
    expires_at: str | None = None
    current: bool = False  # by which is being asked


class SignInList(WireStruct, frozen=True):
    """`GET api/v1/auth/sessions` and `GET api/v1/auth/tokens`, the one seen last first."""

    sign_ins: list[SignInInfo]


class TokenRequest(WireStruct, frozen=True):
    """`POST api/v1/auth/tokens`, up: what the token is for, and how many days it works (`None`: until it is ended)."""

    label: str
    days: float | None = None


class Token(WireStruct, frozen=True):
    """A token, shown this once: it goes into `Authorization: Bearer …`, or a socket's `Connect.token`."""

    token: str
    id: str
    expires_at: str | None = None
