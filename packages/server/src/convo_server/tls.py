"""TLS: the certificate and the key that a server shows, looked at before it listens."""

from __future__ import annotations

import ssl
from pathlib import Path

from convo.config import Server
from convo.errors import ConfigError

__all__ = ["Certificate"]


class Certificate:
    """The files that `[server] ssl_cert` and `ssl_key` name, in PEM; the certificate's has its chain, too."""

    def __init__(self, cert: Path, key: Path) -> None:
        self.cert = cert
        self.key = key

    @classmethod
    def of(cls, server: Server) -> Certificate | None:
        """The one that the settings name, checked; `None` where the app is served without.

        Raises `ConfigError`, which names the file and what is wrong with it.
        """
        if server.ssl_cert is None and server.ssl_key is None:
            return None
        if server.ssl_cert is None:
            raise ConfigError("A key comes with its certificate: set `server.ssl_cert` (`--ssl-cert`), too.")
        if server.ssl_key is None:
            raise ConfigError("A certificate comes with its key: set `server.ssl_key` (`--ssl-key`), too.")
        certificate = cls(Path(server.ssl_cert), Path(server.ssl_key))
        certificate.check()
        return certificate

    def check(self) -> None:
        """Whether the two files can be read and belong together. Raises `ConfigError`."""
        for what, path in (("certificate", self.cert), ("key", self.key)):
            try:
                text = path.read_bytes()
            except OSError as error:
                raise ConfigError(f"The {what} `{path}` cannot be read: {error.strerror}.") from error
            if b"-----BEGIN " not in text:
                raise ConfigError(f"The {what} `{path}` is not in PEM, which begins with `-----BEGIN`.")
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.cert, self.key, password=self._refuse)
        except ssl.SSLError as error:
            raise ConfigError(self._explained(error)) from error

    def _refuse(self) -> str:
        """Asked for where a key is encrypted; nobody sits at a server's terminal."""
        raise ConfigError(
            f"The key `{self.key}` is protected by a passphrase; make one without: "
            f"openssl pkey -in {self.key} -out plain-key.pem"
        )

    def _explained(self, error: ssl.SSLError) -> str:
        if error.reason == "KEY_VALUES_MISMATCH":
            return f"The key `{self.key}` is not that of the certificate `{self.cert}`."
        if b"PRIVATE KEY-----" not in self.key.read_bytes():
            return f"There is no private key in `{self.key}`."
        if b"-----BEGIN CERTIFICATE-----" not in self.cert.read_bytes():
            return f"There is no certificate in `{self.cert}`."
        return f"The certificate `{self.cert}` and the key `{self.key}` cannot be used: {error.reason or error}."
