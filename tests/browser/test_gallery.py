"""The examples that no other file here drives, each as its docstring says; and that none is left out."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Chat
from tests.harness.identity_provider import IdentityProvider
from tests.harness.site import site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_every_example_is_driven_in_a_browser() -> None:
    stories = "".join(file.read_text("utf-8") for file in Path(__file__).parent.glob("test_*.py"))
    assert [example.name for example in EXAMPLES.glob("*.py") if f'"{example.name}"' not in stories] == []


async def opened(name: str, serve: Any, open_tab: Any) -> Any:
    return await open_tab((await serve("run", str(EXAMPLES / name))).url)


@pytest.mark.parametrize(
    ("name", "said", "answer"),
    [
        ("echo.py", "hi", "You said: hi"),
        ("streaming.py", "one two", "eno owt"),
        ("blocking.py", "hi", "done with 'hi'"),
        ("steps.py", "apple coffee gold", "2 of 3 found, 7.40 EUR together."),
        ("counter.py", "one more", "That was message 1."),
        ("platforms.py", "hello", "User said: hello"),
    ],
)
async def test_a_small_one_answers(name: str, said: str, answer: str, serve: Any, open_tab: Any) -> None:
    chat = await opened(name, serve, open_tab)
    await chat.say(said)
    await chat.sees(answer)
    await chat.page.get_by_role("button", name="Copy answer").last.wait_for()
    await chat.portray(f"gallery-{name.removesuffix('.py')}")


async def test_chats_are_named_and_listed(serve: Any, open_tab: Any) -> None:
    app = str(EXAMPLES / "history.py")
    chat = await open_tab((await serve("run", app, settings={"DATA__URL": "sqlite:///history.db"})).url)
    await chat.say("What about buying apples tomorrow?")
    await chat.sees("Noted. That makes 1 in this chat.")
    await chat.page.get_by_role("navigation").get_by_text("Buying apples tomorrow").wait_for()
    await chat.portray("gallery-history")


async def test_a_chat_in_an_application_of_ones_own(open_tab: Any, tmp_path: Path) -> None:
    async with site(tmp_path, (EXAMPLES / "mounted.py").read_text("utf-8")) as url:
        chat = await open_tab(f"{url}/chat/")
        await chat.say("hi")
        await chat.sees("You said: hi")
        await chat.page.wait_for_url(f"{url}/chat/thread/*")


async def test_settings_count_when_they_are_saved(serve: Any, open_tab: Any) -> None:
    chat = await opened("settings.py", serve, open_tab)
    page = chat.page
    button = page.get_by_role("button", name="Chat settings")
    await button.click()
    form = page.get_by_role("dialog", name="Chat settings")
    save = form.get_by_role("button", name="Save")
    limit = form.get_by_label("Longest answer")
    await limit.fill("many")
    await form.get_by_text("Enter a number.").wait_for()
    await form.get_by_label("Model").select_option("small")
    slider = form.get_by_role("slider", name="Temperature")
    await page.wait_for_function("slider => slider.max === '1'", arg=await slider.element_handle())
    await chat.portray("settings")

    await form.get_by_role("tab", name="You").click()
    await form.get_by_label("Your name").fill("Grace")
    await save.click()
    await form.get_by_text("Enter a number.").wait_for()  # its tab is shown again, and nothing is saved
    await page.wait_for_function("() => document.activeElement.getAttribute('aria-invalid') === 'true'")
    assert await limit.input_value() == "many"
    await form.get_by_role("button", name="Reset").click()
    assert await limit.input_value() == "500"
    await form.get_by_role("tab", name="You").click()
    await form.get_by_label("Your name").fill("Grace")
    await chat.portray("settings-tab")
    await save.click()
    await form.wait_for(state="detached")

    await chat.sees("From now on: small at 0.5.")
    await chat.say("hi")
    await chat.sees("Kind words for Grace, by small.")

    await button.click()
    await form.get_by_label("Model").select_option("large")
    await page.wait_for_function("slider => slider.max === '2'", arg=await slider.element_handle())
    await form.get_by_role("button", name="Cancel").click()
    await button.click()  # the app was told that it stays as it was
    await page.wait_for_function("slider => slider.max === '1'", arg=await slider.element_handle())
    assert await form.get_by_label("Model").input_value() == "small"


async def test_a_profile_brings_its_starters_and_its_ways(serve: Any, open_tab: Any) -> None:
    chat = await opened("profiles.py", serve, open_tab)
    await chat.sees("Compare quarters")
    await chat.page.get_by_role("button", name="Profile: Analyst").click()
    await chat.page.get_by_role("option", name="Writer").wait_for()
    await chat.portray("profiles")
    for width in (1280, 320):  # the list stays within the page, also when that changes
        await chat.page.set_viewport_size({"width": width, "height": 640})
        await chat.page.wait_for_function(
            """() => {
              const box = document.querySelector("[role=listbox]").getBoundingClientRect();
              return box.left >= 0 && box.right <= innerWidth;
            }"""
        )
    await chat.page.get_by_role("option", name="Writer").click()
    await chat.page.get_by_role("heading", name="Quill").wait_for()
    await chat.page.get_by_role("button", name="Draft a letter").click()
    await chat.sees("The writer answers; a message meanwhile: reject.")
    await chat.page.reload()  # a chat has the name of its profile, not of the one a new chat would have
    await chat.sees("The writer answers")
    await chat.page.get_by_role("heading", name="Quill").first.wait_for()
    await expect(chat.page).to_have_title(re.compile("Quill$"))


async def test_starters_are_sent_or_changed_first(serve: Any, open_tab: Any) -> None:
    chat = await opened("starters.py", serve, open_tab)
    await chat.sees("Plan a weekend")
    await chat.portray("starters")
    await chat.page.get_by_role("button", name="Garden").click()
    await chat.page.get_by_role("button", name="What to sow").click(modifiers=["Alt"])
    assert await chat.composer.input_value() == "What do I sow in March?"
    await chat.say("What do I sow in May?")
    await chat.sees("You asked: What do I sow in May?")

    other = await open_tab(chat.page.url.split("/thread/")[0])
    await other.page.get_by_role("button", name="Find a page").click()
    await other.sees("You asked with search: Where is the timetable?")


async def test_commands_and_modes_go_with_a_message(serve: Any, open_tab: Any) -> None:
    chat = await opened("commands.py", serve, open_tab)
    page = chat.page
    await page.get_by_role("button", name="search", exact=True).wait_for()
    await chat.composer.press_sequentially("/")
    await page.get_by_role("option", name="draw").wait_for()
    await chat.portray("commands")
    await chat.composer.press_sequentially("dr")
    await chat.composer.press("Enter")
    await page.get_by_role("button", name="Without draw").wait_for()
    await page.get_by_role("button", name="Model: Thorough").click()
    await chat.portray("modes")
    await page.get_by_role("option", name="Fast").click()
    await chat.say("a cat")
    await chat.sees("draw, fast: a cat")

    await chat.say("a dog")  # `draw` is persistent
    await chat.sees("draw, fast: a dog")
    await page.get_by_role("button", name="search", exact=True).click()
    await chat.say("less")
    await chat.sees("search, fast: less")
    await page.get_by_role("button", name="Model: Fast").wait_for(state="detached")
    await chat.say("a bird")  # `search` is not
    await chat.sees("No command, no model: a bird")


SECRET = {"AUTH__SECRET": "a secret of more than thirty-two characters"}


async def test_what_somebody_is_offered_depends_on_his_role(serve: Any, chromium: Any) -> None:
    server = await serve("run", str(EXAMPLES / "login.py"), settings=SECRET)
    for name, answer in (("ann", "Ann, as editor, in Read: hi"), ("bob", "Bob, as reader, in Read: hi")):
        context = await chromium.new_context()
        chat = Chat(await context.new_page())
        await chat.page.goto(server.url)
        await chat.page.get_by_label("User name or e-mail").fill(name)
        await chat.page.get_by_label("Password", exact=True).fill("sesame")
        await chat.page.get_by_role("button", name="Sign in", exact=True).click()
        await chat.say("hi")
        await chat.sees(answer)
        assert await chat.page.get_by_text("Write", exact=True).count() == 0
        info = await (await context.request.get(f"{server.url}/api/v1/app")).json()
        assert [one["name"] for one in info["profiles"]] == (["Read", "Write"] if name == "ann" else ["Read"])
        assert chat.complaints == []
        await context.close()


async def test_somebody_logs_in_elsewhere(serve: Any, context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # it is on this machine
    provider = IdentityProvider()
    provider.start()
    table = {"ISSUER": provider.url, "CLIENT_ID": "convo-app", "CLIENT_SECRET": "not a secret", "LABEL": "Partners"}
    settings = SECRET | {f"AUTH__OAUTH__PARTNERS__{key}": value for key, value in table.items()}
    server = await serve("run", str(EXAMPLES / "oauth.py"), settings=settings)
    chat = Chat(await context.new_page())
    await chat.page.goto(f"http://localhost:{server.port}/")
    await chat.page.get_by_role("link", name="Continue with Partners").click()
    await chat.say("Who am I?")
    await chat.sees("You are jane@example.com, user, by partners.")
    provider.stop()


async def test_the_app_says_who_reads_what_is_shared(serve: Any, open_tab: Any, chromium: Any) -> None:
    settings = {"DATA__URL": "sqlite:///history.db", "FEATURES__ALLOW_THREAD_SHARING": "true"}
    server = await serve("run", str(EXAMPLES / "sharing.py"), settings=settings)
    chat = await open_tab(server.url)
    for text, seen in (("tea or coffee", "You said: tea or coffee"), ("This is confidential", "There is no chat here")):
        await chat.page.goto(server.url)
        await chat.say(text)
        await chat.sees(f"You said: {text}")
        await chat.page.wait_for_url("**/thread/*")
        shares = f"{server.url}/api/v1/threads/{chat.page.url.rpartition('/')[2]}/shares"
        share = await (await chat.page.context.request.post(shares, data={"kind": "live"})).json()
        stranger = Chat(await (await chromium.new_context()).new_page())
        await stranger.page.goto(f"{server.url}/{share['url']}")
        await stranger.sees(seen)
