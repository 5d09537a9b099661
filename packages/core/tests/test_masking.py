"""What lets somebody in is not in the log."""

from __future__ import annotations

import io
import logging

import pytest
from convo.masking import MaskingFormatter, is_secret, masked

SECRET = "hunter2hunter2hunter2"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            f"cannot connect to postgresql+asyncpg://convo:{SECRET}@db:5432/x",
            "postgresql+asyncpg://convo:***@db:5432/x",
        ),
        (f"redis://:{SECRET}@cache/0 is away", "redis://:***@cache/0 is away"),
        (f"Authorization: Bearer {SECRET}", "Authorization: ***"),
        (f"sent Bearer {SECRET} to it", "sent Bearer *** to it"),
        (f"{{'authorization': 'Basic {SECRET}', 'x': 1}}", "{'authorization': '***', 'x': 1}"),
        (f"Cookie: convo-8000={SECRET}; a=b", "Cookie: ***"),
        (f"GET /callback?code={SECRET}&state=1", "GET /callback?code=***&state=1"),
        (f"OPENAI_API_KEY={SECRET} is set", "OPENAI_API_KEY=*** is set"),
        (f"client_secret='{SECRET}'", "client_secret='***'"),
        (f'{{"password": "{SECRET}", "user": "ann"}}', '{"password": "***", "user": "ann"}'),
        (f"access_token={SECRET}", "access_token=***"),
        (f"the key sk-proj-{SECRET} is wrong", "the key sk-*** is wrong"),
        (f"eyJhbGciOiJIUzI1NiJ9.{SECRET}.{SECRET}", "***"),
        (f"https://bucket/key?X-Amz-Signature={SECRET}", "https://bucket/key?X-Amz-Signature=***"),
        (f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----", "***"),
    ],
)
def test_a_secret_is_left_out(line, shown):
    assert masked(line).endswith(shown)
    assert SECRET not in masked(line)
    assert masked(masked(line)) == masked(line)


@pytest.mark.parametrize(
    "line",
    [
        "20 tokens a second, code 404, `limits.frame_bytes` = 4096",
        "The thread `abc` is saved: https://chat.example/thread/abc?after=x:12",
        "`on_message` raised an exception (error 1a2b3c4d)",
        "status_code=200 tokens=1234",
        "http://127.0.0.1:8000/",
    ],
)
def test_what_is_none_stays(line):
    assert masked(line) == line


def test_nor_is_it_in_a_traceback():
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(MaskingFormatter("%(levelname)s %(message)s"))
    logger = logging.Logger("a")  # of this test alone
    logger.addHandler(handler)
    try:
        raise ConnectionError(f"postgresql://convo:{SECRET}@db/x")
    except ConnectionError:
        logger.exception("History cannot be read (%s)", f"password={SECRET}")
    assert SECRET not in out.getvalue()
    assert out.getvalue().startswith("ERROR History cannot be read (password=***)\nTraceback")
    assert "ConnectionError: postgresql://convo:***@db/x" in out.getvalue()


@pytest.mark.parametrize(
    ("name", "secret"),
    [("api_key", True), ("openai_api_key", True), ("access_token", True), ("max_tokens", False), ("model", False)],
)
def test_a_name_of_a_secret(name, secret):
    assert is_secret(name) is secret
