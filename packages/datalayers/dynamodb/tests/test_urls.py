"""The URL of a table says where it is, and never a secret."""

from __future__ import annotations

import pytest
from convo.errors import MisconfiguredError
from convo_dynamodb import DynamoDBDataLayer
from convo_dynamodb.urls import Address, parse


def test_a_url_names_table_region_endpoint_and_lifetime() -> None:
    assert parse("dynamodb://Chat.History") == Address("Chat.History")
    assert parse("dynamodb://chat?region=eu-central-1&endpoint=http://127.0.0.1:8000&ttl_days=90") == Address(
        "chat", region="eu-central-1", endpoint="http://127.0.0.1:8000", ttl_days=90
    )


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("dynamodb://", "cannot be a table's name"),
        ("dynamodb://ab", "cannot be a table's name"),
        ("dynamodb://tä-ble", "cannot be a table's name"),
        ("sqlite:///chat", "write one like `dynamodb://table?region=eu-central-1`"),
        ("dynamodb://chat/path", "write one like"),
        ("dynamodb://[", "cannot be read"),
        ("dynamodb://chat?colour=red", "has the option `colour`; those there are: `region`, `endpoint`, `ttl_days`"),
        ("dynamodb://chat?ttl_days=soon", "is a number of days, not `soon`"),
        ("dynamodb://chat?ttl_days=0", "is a number of days"),
        ("dynamodb://chat?endpoint=here", "is an address like"),
    ],
)
def test_a_url_that_cannot_work_says_what_to_write(url: str, says: str) -> None:
    with pytest.raises(MisconfiguredError) as caught:
        DynamoDBDataLayer(url)
    assert says in str(caught.value)


def test_credentials_in_a_url_are_refused_and_not_shown() -> None:
    with pytest.raises(MisconfiguredError, match="Credentials stay out of it") as caught:
        DynamoDBDataLayer("dynamodb://key:geheim@chat")
    assert "geheim" not in str(caught.value)
