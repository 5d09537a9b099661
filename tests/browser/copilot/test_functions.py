"""What the app calls in the page around the widget."""

import pytest

from tests.browser.copilot.conftest import Begin

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def test_functions_are_checked_and_answer_once_over_a_reload(begin: Begin) -> None:
    shop = await begin()
    await shop.open()
    await shop.say("add count apples")
    await shop.sees("3 in the cart.")
    await shop.say("add number apples")
    await shop.sees("is no number.")
    await shop.say("add steal apples")
    await shop.sees("This page has no function")
    assert await shop.page.evaluate("ran") == 1

    await shop.page.evaluate("ran = 0; sessionStorage.setItem('ran', 0)")
    await shop.say("add later apples")
    await shop.page.wait_for_function("ran === 1")
    await shop.page.reload()
    await shop.sees("7 in the cart.")
    assert await shop.page.evaluate("[ran, chat.isOpen]") == [2, True]
    assert shop.errors == []
