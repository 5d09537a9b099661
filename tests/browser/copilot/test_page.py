"""The widget and the page around it, which is hostile."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import SHOTS, SIZES
from tests.browser.copilot.conftest import APP, OPENED, Begin, Shop
from tests.harness.server import free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def test_a_reader_chats_in_a_hostile_page_that_hears_nothing_of_it(begin: Begin, context: Any) -> None:
    shop = await begin()
    colour = await shop.inside("getComputedStyle(root.querySelector('.launch')).backgroundColor")
    assert colour.startswith("oklch"), "the button is seen before the chat is there"
    await shop.open()
    await shop.heard("ready")
    await shop.page.evaluate("keys.length = 0")
    await shop.composer.press_sequentially("hello")
    await shop.composer.press("Enter")
    await shop.sees("and that is all.")
    assert await shop.page.evaluate("keys") == []

    await shop.say("step 1")
    await shop.sees("Searched.")
    await shop.page.get_by_role("button", name="Search").first.wait_for()
    await shop.say("ask me")
    await shop.sees("What is your name?")
    await shop.page.locator(".ask-bar").wait_for()  # until then a message would be one of its own
    await shop.say("Ann")
    await shop.sees("Hello Ann.")
    await shop.say("picture please")
    await shop.page.get_by_role("img", name="square").wait_for()
    picture = await shop.page.get_by_role("img", name="square").element_handle()
    await shop.page.wait_for_function("(picture) => picture.naturalWidth === 1", arg=picture)

    await shop.page.evaluate("chat.tell({ page: '/prices' })")
    await shop.sees("The page says /prices.")
    assert (await shop.heard("message"))["data"] == {"received": {"page": "/prices"}}
    assert await context.cookies() == []

    await shop.page.locator("#field").fill("x")
    await shop.page.locator("#field").press("Control+k")
    assert await shop.inside("root.querySelector('dialog') === null"), "the page's keys are the page's"
    font = await shop.inside("getComputedStyle(root.querySelector('textarea')).fontFamily")
    assert "fantasy" not in font
    assert await shop.inside("getComputedStyle(root.querySelector('.markdown')).fontSize") == "15px"
    assert shop.errors == []


async def test_what_is_typed_and_pasted_stays_on_its_side(begin: Begin) -> None:
    shop = await begin()
    await shop.open()
    field, composer = shop.page.locator("#field"), shop.composer
    heard = "keys.splice(0)"
    await field.fill("of the page")
    await field.press("Control+a")
    await field.press("Control+c")
    await shop.page.evaluate(heard)
    await composer.press("Control+v")
    await composer.press_sequentially("!")
    await expect(composer).to_have_value("of the page!")
    assert await shop.page.evaluate(heard) == []

    await composer.fill("of the chat")
    await composer.press("Control+a")
    await composer.press("Control+c")
    await shop.page.evaluate(heard)
    await field.press("Control+a")
    await field.press("Control+v")
    await field.press_sequentially("?")
    await expect(field).to_have_value("of the chat?")
    assert {"keydown", "paste", "input"} <= set(await shop.page.evaluate(heard))
    await shop.page.evaluate("document.activeElement.blur()")
    for keys in ("x", "/", "Control+v"):
        await shop.page.keyboard.press(keys)
    assert await composer.input_value() == "of the chat"
    assert shop.errors == []


async def test_it_looks_right_in_light_and_dark_and_on_a_phone(begin: Begin) -> None:
    SHOTS.mkdir(exist_ok=True)
    for is_dark in (False, True):
        shop = await begin(is_dark=is_dark, options="{ id: 'looks' }")
        await shop.open()
        await shop.say("hello, **reader**")
        await shop.sees("and that is all.")
        tone = "dark" if is_dark else "light"
        assert await shop.inside("root.querySelector('.widget-root').dataset.theme") == tone
        for device, (width, height) in SIZES.items():
            await shop.page.set_viewport_size({"width": width, "height": height})
            await shop.page.screenshot(path=SHOTS / f"copilot-{tone}-{device}.png", animations="disabled")
            assert await shop.violations() == [], f"{tone}, {device}"
        await shop.page.set_viewport_size({"width": 1280, "height": 860})
        for name in ("Over the whole page", "At the side of the page"):
            await shop.page.get_by_role("button", name=name).click()
            await shop.page.screenshot(
                path=SHOTS / f"copilot-{tone}-{name.split()[0].lower()}.png", animations="disabled"
            )
            assert await shop.violations() == [], f"{tone}, {name}"
        assert shop.errors == []
        await shop.page.close()


async def test_its_place_and_size_are_the_readers_and_are_remembered(begin: Begin) -> None:
    shop = await begin()
    await shop.open()
    width = "Math.round(root.querySelector('.widget-panel').getBoundingClientRect().width)"
    assert await shop.inside(width) == 400
    assert await shop.page.get_by_role("separator", name="Height", exact=True).count() == 1
    edge = shop.page.get_by_role("separator", name="Width", exact=True)
    await edge.press("ArrowLeft")
    assert await shop.inside(width) == 424
    await shop.page.get_by_role("button", name="At the side of the page").click()
    assert await shop.page.evaluate("document.documentElement.style.marginRight") == "420px"
    await shop.page.reload()
    await shop.composer.wait_for()
    assert await shop.page.evaluate("document.documentElement.style.marginRight") == "420px"
    await shop.page.get_by_role("button", name="At the side of the page").click()
    assert await shop.inside(width) == 424
    await shop.page.get_by_role("button", name="Close", exact=True).click()
    assert await shop.page.evaluate("chat.isOpen") is False


async def test_two_widgets_are_apart_and_one_that_is_unmounted_leaves_nothing(begin: Begin) -> None:
    shop = await begin()
    await shop.page.evaluate(
        "window.other = mountConvoWidget({ id: 'other', label: 'Second', side: 'left', display: 'floating' })"
    )
    await shop.open()
    await shop.say("to the first")
    await shop.sees("and that is all.")
    await shop.page.evaluate("other.send('to the second'); other.open()")
    await shop.page.wait_for_function(
        "() => [...document.querySelectorAll('convo-widget')].every((one) => one.shadowRoot.querySelector('.markdown'))"
    )
    texts = await shop.page.evaluate(
        "[...document.querySelectorAll('convo-widget')].map((one) => one.shadowRoot.querySelector('.main').innerText)"
    )
    assert "to the second" not in texts[0]
    assert "to the first" not in texts[1]
    threads = await shop.page.evaluate("heard.filter((one) => one.name === 'ready').map((one) => one.thread)")
    assert len(set(threads)) == 2

    await shop.page.evaluate("chat.unmount(); other.unmount()")
    assert await shop.page.evaluate("document.querySelectorAll('convo-widget').length") == 0
    assert await shop.page.evaluate("document.documentElement.getAttribute('style')") is None
    assert await shop.page.evaluate("[document.head.querySelectorAll('link').length, document.fonts.size]") == [0, 0]
    await shop.page.evaluate("window.chat = mountConvoWidget({ label: 'Ask the shop' })")
    await shop.open()
    assert shop.errors == []


async def test_the_shadow_root_is_closed_and_a_page_that_is_not_named_is_refused(
    serve: Any, context: Any, hold: Any
) -> None:
    server = await serve(app=APP)
    port = free_port()
    hold(f"http://localhost:{server.port}", port)
    shop = Shop(await context.new_page())
    warnings: list[str] = []
    shop.page.on("console", lambda said: said.type == "warning" and warnings.append(said.text))
    await shop.page.goto(f"http://127.0.0.1:{port}")
    assert await shop.page.evaluate("document.querySelector('convo-widget').shadowRoot") is None
    errors = "n => heard.filter(({ name }) => name === 'error').length === n"
    for times in (1, 2):
        await shop.page.evaluate("chat.toggle()")
        await shop.page.wait_for_function(errors, arg=times)
        await shop.page.evaluate("chat.close()")
    assert (await shop.heard("error"))["code"] == "unavailable"
    [warning] = warnings
    assert f'allowed_origins = ["http://127.0.0.1:{port}"]' in warning
    await server.said(f"Refused the origin 'http://127.0.0.1:{port}'")


async def test_a_chat_that_cannot_be_loaded_is_closed_again_by_its_button(serve: Any, context: Any, hold: Any) -> None:
    server = await serve(app=APP)
    port = free_port()
    options = f"{{ url: 'http://127.0.0.1:{free_port()}', display: location.hash.slice(1) }}"
    hold(f"http://localhost:{server.port}", port, options=options)
    await context.add_init_script(OPENED)
    for width, display in ((390, "floating"), (1280, "sidebar"), (1280, "expanded"), (1280, "floating")):
        shop = Shop(await context.new_page())
        await shop.page.set_viewport_size({"width": width, "height": 800})
        await shop.page.goto(f"http://127.0.0.1:{port}/#{display}")
        button = shop.page.get_by_role("button", name="Ask the shop")
        await button.click()
        await shop.sees("The chat could not be loaded")
        await button.click()
        assert await shop.page.evaluate("chat.isOpen") is False, (width, display)
        await button.press("Enter")
        await shop.sees("The chat could not be loaded")
        await shop.leaves_by_escape()
        await shop.page.close()


async def test_a_page_that_opens_the_chat_itself_has_no_button(begin: Begin) -> None:
    shop = await begin(options="{ button: false }")
    assert await shop.page.get_by_role("button", name="Ask the shop").count() == 0
    await shop.page.evaluate("chat.open()")
    await shop.composer.wait_for()
    assert await shop.page.get_by_role("button", name="Ask the shop").count() == 0


async def test_a_page_says_how_high_the_button_stands_and_the_chat_stands_above_it(begin: Begin) -> None:
    shop = await begin()
    await shop.page.add_style_tag(content="convo-widget { --convo-bottom: 80px }")
    await shop.open()
    button = await shop.page.get_by_role("button", name="Ask the shop").bounding_box()
    panel = await shop.page.get_by_role("dialog", name="Ask the shop").bounding_box()
    height = shop.page.viewport_size["height"]
    assert button["y"] + button["height"] == height - 80
    assert panel["y"] >= 0
    assert panel["y"] + panel["height"] <= button["y"]
