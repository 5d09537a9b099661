"""The seal on what a browser carries for us."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from convo_server.oauth.refusal import Refusal
from convo_server.oauth.transaction import Transaction

__all__ = ["Seal"]


class Seal:
    """Encrypts and signs transactions, with a key made of a secret of the server's."""

    def __init__(self, secret: bytes) -> None:
        self._fernet = Fernet(urlsafe_b64encode(hmac.digest(secret, b"convo oauth transaction", hashlib.sha256)))

    def close(self, transaction: Transaction) -> str:
        return self._fernet.encrypt(msgspec.json.encode(transaction)).decode()

    def open(self, sealed: str) -> Transaction:
        """Raises `Refusal`: `state` for what this server has not sealed."""
        try:
            return msgspec.json.decode(self._fernet.decrypt(sealed.encode()), type=Transaction)
        except (InvalidToken, UnicodeEncodeError, msgspec.MsgspecError) as error:
            raise Refusal("state", "The browser came back with a transaction that was not made here.") from error
