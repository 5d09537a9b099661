"""What a browser carries to the provider and back, and where it may want to go then."""

from __future__ import annotations

import pytest
from convo_server.oauth.refusal import Refusal
from convo_server.oauth.seal import Seal
from convo_server.oauth.spent import Spent
from convo_server.oauth.transaction import Transaction, safe_path

SEAL = Seal(b"secret")
TRANSACTION = Transaction.begin("test", "http://localhost/callback", "/thread/1?x=1#y", 0.0)


def test_what_was_sealed_here_is_read_here():
    assert SEAL.open(SEAL.close(TRANSACTION)) == TRANSACTION
    assert TRANSACTION.next == "/thread/1?x=1#y"
    assert TRANSACTION.state not in SEAL.close(TRANSACTION)


def test_what_was_sealed_elsewhere_or_changed_is_refused():
    sealed = SEAL.close(TRANSACTION)

    others = [Seal(b"another").close(TRANSACTION), sealed[:-2], sealed[:20] + "A" + sealed[21:], "", "é", "x" * 9999]
    for other in others:
        with pytest.raises(Refusal) as caught:
            SEAL.open(other)
        assert caught.value.code == "state"


def test_it_fits_into_a_cookie():
    longest = Transaction.begin("x" * 64, "https://chat.example.com/" + "x" * 200, "/" + "x" * 1023, 1e9)

    assert len(SEAL.close(longest)) < 3500


@pytest.mark.parametrize("path", ["/", "/thread/1", "/thread/1?a=b&c=//d", "/a//b", "/%2f%2fevil.example"])
def test_a_path_of_the_app_is_kept(path):
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "", "thread", "//evil.example", "/\\evil.example",
        "\\\\evil.example", "https://evil.example", "/\t/evil.example",
        "/\n/evil.example", " //evil.example", "javascript:alert(1)", "/a\\b", "/\x00", "/\x7f", "/" + "x" * 2000,
    ],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_is_not(path):
    assert safe_path(path) == "/"


def test_what_is_spent_is_remembered_for_a_while_and_not_without_end():
    spent = Spent(10.0)

    assert [spent.spend("a", 0.0), spent.spend("a", 9.0), spent.spend("a", 10.0)] == [True, False, True]
    for number in range(20_000):
        spent.spend(str(number), 11.0)
    assert len(spent._until) <= 10_000
