"""The certificate and the key of a server: what is wrong with them is said before anything listens."""

from __future__ import annotations

from pathlib import Path

import pytest
from convo import Config
from convo.errors import ConfigError
from convo_server.tls import Certificate

from tests.harness.certificate import certify


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return certify(tmp_path)


def of(cert: Path | None, key: Path | None) -> Certificate | None:
    named = {"ssl_cert": cert and str(cert), "ssl_key": key and str(key)}
    return Certificate.of(Config(server=named).server)


def refusal(cert: Path | None, key: Path | None) -> str:
    with pytest.raises(ConfigError) as refused:
        of(cert, key)
    return str(refused.value)


def test_a_certificate_and_its_key_will_do_and_none_of_both_is_plain_http(files: tuple[Path, Path]) -> None:
    assert of(*files) is not None
    assert of(None, None) is None


def test_one_without_the_other_says_which_is_missing(files: tuple[Path, Path]) -> None:
    assert "--ssl-key" in refusal(files[0], None)
    assert "--ssl-cert" in refusal(None, files[1])


def test_a_missing_file_is_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    gone = tmp_path / "gone.pem"

    assert refusal(gone, files[1]) == f"The certificate `{gone}` cannot be read: No such file or directory."
    assert refusal(files[0], gone) == f"The key `{gone}` cannot be read: No such file or directory."


def test_another_certificate_s_key_is_refused(files: tuple[Path, Path], tmp_path: Path) -> None:
    _, other = certify(tmp_path, "other")

    assert refusal(files[0], other) == f"The key `{other}` is not that of the certificate `{files[0]}`."


def test_files_in_each_other_s_place_and_files_of_another_form_are_told(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    cert, key = files
    other = tmp_path / "cert.der"
    other.write_bytes(b"\x30\x82")

    assert refusal(key, cert) == f"There is no private key in `{cert}`."
    assert refusal(key, key) == f"There is no certificate in `{key}`."
    assert "is not in PEM" in refusal(other, key)


def test_nobody_is_asked_for_a_passphrase(tmp_path: Path) -> None:
    cert, key = certify(tmp_path, "secret", passphrase=b"open sesame")

    assert "protected by a passphrase" in refusal(cert, key)
