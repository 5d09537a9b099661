"""Who may log in."""

from collections.abc import AsyncIterator

import pytest
from users import Users, hash_password, main

PASSWORD = "correct horse battery"


@pytest.fixture
async def users(url: str) -> AsyncIterator[Users]:
    users = Users(url)
    await users.open()
    yield users
    await users.close()


async def test_a_user_is_found_by_name_and_password_alone(users: Users) -> None:
    await users.add("Ann Lee", PASSWORD, "admin")

    found = await users.find("ann  lee", PASSWORD)

    assert found is not None
    assert (found.name, found.role) == ("ann lee", "admin")
    assert await users.find("ann lee", "another password") is None
    assert await users.find("nobody", PASSWORD) is None


async def test_a_new_password_ends_the_old_one(users: Users) -> None:
    await users.add("ann", PASSWORD)
    await users.add("ann", "a longer password")

    assert await users.find("ann", PASSWORD) is None
    assert await users.find("ann", "a longer password") is not None


async def test_who_was_removed_is_not_let_in(users: Users) -> None:
    await users.add("ann", PASSWORD)

    assert await users.remove("ann")
    assert await users.find("ann", PASSWORD) is None
    assert not await users.remove("ann")


async def test_a_short_password_and_an_unknown_role_are_refused(users: Users) -> None:
    with pytest.raises(ValueError, match="at least 12 letters"):
        await users.add("ann", "short")
    with pytest.raises(ValueError, match="no role `king`"):
        await users.add("ann", PASSWORD, "king")


async def test_users_are_listed_at_the_command_line(users: Users, capsys: pytest.CaptureFixture[str]) -> None:
    await users.add("ann", PASSWORD, "admin")

    await main(["list"])

    assert capsys.readouterr().out == "ann\tadmin\n"


def test_no_password_is_kept_and_two_alike_look_different() -> None:
    one, two = hash_password(PASSWORD), hash_password(PASSWORD)

    assert PASSWORD not in one
    assert one != two
