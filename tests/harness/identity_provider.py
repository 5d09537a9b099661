"""A provider to log in at: OpenID Connect and plain OAuth 2, made of authlib, with attacks to order."""

from __future__ import annotations

import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from authlib.common.security import generate_token
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode, OpenIDHybridGrant
from flask import Flask, Response, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

__all__ = ["IdentityProvider"]

JANE = {
    "sub": "jane-1",
    "name": "Jane Doe",
    "email": "jane@example.com",
    "email_verified": True,
    "picture": "https://img.example.com/jane.png",
}


def _new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": generate_token(8), "use": "sig"})


@cache
def _first_key() -> RSAKey:
    """Of all providers of a process: making one takes a while."""
    return _new_key()


@dataclass
class Code(AuthorizationCodeMixin):
    """What the provider remembers of a code."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass
class Registration(ClientMixin):
    """The app, as registered here."""

    client_id: str = "convo-app"
    client_secret: str = "not a secret"
    redirect_uris: list[str] = field(default_factory=list)
    """Where browsers may be sent back to; anywhere, if empty."""

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uris[0]

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return not self.redirect_uris or redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.client_secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in ("client_secret_post", "client_secret_basic")

    def check_response_type(self, response_type: str) -> bool:
        return response_type in ("code", "code id_token")

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class IdentityProvider:
    """Runs on a free port, and lets everybody in as `user` at once, without a page in between.

    What it says can be bent: `user` is who logs in, `userinfo` what the user's page adds, `forge` changes an ID token's
    claims before they are signed with `key` and `algorithm` (without a key: not really), `header` adds to its header,
    `metadata` to what discovery says. `down` holds the paths that fail, `denies` is the error that the next log-ins end
    with. `asked` counts requests by path, `sent` has the parameters that browsers came with.
    """

    def __init__(self) -> None:
        self.registration = Registration()
        self.user: dict[str, Any] = dict(JANE)
        self.userinfo: dict[str, Any] = {}
        self.emails: list[dict[str, Any]] = []
        self.metadata: dict[str, Any] = {}
        self.denies: str | None = None
        self.sends_issuer = False
        self.down: set[str] = set()
        self.asked: dict[str, int] = {}
        self.sent: list[dict[str, str]] = []
        self.forge: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.algorithm = "RS256"
        self.header: dict[str, Any] = {}
        self.key: RSAKey | None = _first_key()
        self.keys = [self.key]
        self._codes: dict[str, Code] = {}
        self._tokens: set[str] = set()
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def rotate(self) -> None:
        """Sign with a new key, and forget the old one."""
        self.key = _new_key()
        self.keys = [self.key]

    def id_token(self, nonce: str, **claims: Any) -> str:
        """An ID token as this provider would make it."""
        now = int(time.time())
        return self._sign(
            {"iss": self.url, "aud": "convo-app", "iat": now, "exp": now + 3600, "nonce": nonce} | self.user | claims
        )

    def _sign(self, claims: dict[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": self.keys[0].kid if self.key is None else self.key.kid} | self.header
        claims = self.forge(claims)
        if self.key is not None:
            return jwt.encode(header, claims, self.key, [self.algorithm])
        # What no library makes: not signed at all, or with the public key as a secret.
        body = ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims))
        if self.algorithm == "none":
            return f"{body}."
        digest = hmac.digest(self.keys[0].as_pem(private=False), body.encode(), "sha256")
        return f"{body}.{urlsafe_b64encode(digest).decode().rstrip('=')}"

    def _app(self) -> Flask:
        app = Flask("identity-provider")
        server = self._authorization_server(app)

        @app.before_request
        def count() -> None:
            self.asked[request.path] = self.asked.get(request.path, 0) + 1
            if request.path in self.down:
                abort(503)

        @app.get("/.well-known/openid-configuration")
        def discovery() -> Response:
            return jsonify(
                {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "userinfo_endpoint": f"{self.url}/userinfo",
                    "jwks_uri": f"{self.url}/jwks",
                    "authorization_response_iss_parameter_supported": self.sends_issuer,
                    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                }
                | self.metadata
            )

        @app.get("/jwks")
        def jwks() -> Response:
            return jsonify({"keys": [key.as_dict(private=False) for key in self.keys]})

        @app.get("/authorize")
        def authorize() -> Any:
            self.sent.append(request.args.to_dict())
            sender = f"&iss={self.url}" if self.sends_issuer else ""
            if self.denies is not None:
                uri, state = request.args["redirect_uri"], request.args["state"]
                return redirect(f"{uri}?error={self.denies}&error_description=No&state={state}{sender}")
            grant = server.get_consent_grant(end_user=self.user)
            response = server.create_authorization_response(grant_user=self.user, grant=grant)
            if sender and response.location:
                response.location += sender
            return response

        @app.post("/token")
        def token() -> Any:
            return server.create_token_response()

        @app.get("/userinfo")
        def userinfo() -> Response:
            self._check_bearer()
            return jsonify(self.user | self.userinfo)

        @app.get("/userinfo/emails")
        def emails() -> Response:
            self._check_bearer()
            return jsonify(self.emails)

        @app.get("/elsewhere")
        def elsewhere() -> Any:
            return redirect(f"{self.url}/.well-known/openid-configuration")

        return app

    def _check_bearer(self) -> None:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self._tokens:
            abort(401)

    def _authorization_server(self, app: Flask) -> AuthorizationServer:
        provider = self

        def save_code(code: str, request: Any) -> None:
            data = request.payload.data
            provider._codes[code] = Code(
                code=code,
                redirect_uri=request.payload.redirect_uri,
                scope=request.payload.scope,
                nonce=data.get("nonce"),
                code_challenge=data.get("code_challenge"),
                code_challenge_method=data.get("code_challenge_method"),
            )

        class CodeGrant(grants.AuthorizationCodeGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

            def save_authorization_code(self, code: str, request: Any) -> None:
                save_code(code, request)

            def query_authorization_code(self, code: str, client: Any) -> Code | None:
                return provider._codes.get(code)

            def delete_authorization_code(self, authorization_code: Code) -> None:
                del provider._codes[authorization_code.code]

            def authenticate_user(self, authorization_code: Code) -> Any:
                return provider.user

        class Tokens(OpenIDCode):
            def exists_nonce(self, nonce: str, request: Any) -> bool:
                return any(code.nonce == nonce for code in provider._codes.values())

            def resolve_client_private_key(self, client: Any) -> Any:
                return provider.keys[0]

            def get_client_claims(self, client: Any) -> dict[str, Any]:
                return {"iss": provider.url, "aud": client.client_id}

            def generate_user_info(self, user: Any, scope: str) -> Any:
                return dict(user)

            def encode_id_token(self, token: Any, request: Any) -> str:
                made = super().encode_id_token(token, request)
                return provider._sign(jwt.decode(made, provider.keys[0]).claims)

        class Hybrid(OpenIDHybridGrant):
            def save_authorization_code(self, code: str, request: Any) -> None:
                save_code(code, request)

            def exists_nonce(self, nonce: str, request: Any) -> bool:
                return False

            def resolve_client_private_key(self, client: Any) -> Any:
                return provider.keys[0]

            def get_client_claims(self, client: Any) -> dict[str, Any]:
                return {"iss": provider.url, "aud": client.client_id}

            def generate_user_info(self, user: Any, scope: str) -> Any:
                return dict(user)

        def save_token(token: Any, request: Any) -> None:
            provider._tokens.add(token["access_token"])

        def find_client(client_id: str) -> Registration | None:
            return provider.registration if client_id == provider.registration.client_id else None

        server = AuthorizationServer(app, query_client=find_client, save_token=save_token)
        server.register_grant(CodeGrant, [Tokens(require_nonce=False), CodeChallenge(required=True)])
        server.register_grant(Hybrid, [CodeChallenge(required=True)])
        return server
