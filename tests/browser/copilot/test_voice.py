"""Talking to an app in the widget."""

import re
from typing import Any

import pytest

from tests.browser.conftest import SHOTS
from tests.browser.copilot.conftest import FLAGS, Begin
from tests.browser.test_audio import PLAYS, TALKS, WATCH

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LISTENS = """
import convo

@convo.on_audio_start
async def start():
    convo.user_session.set("heard", 0)
    return not convo.user_session.get("is_deaf")

@convo.on_audio_chunk
async def chunk(chunk):
    convo.user_session.set("heard", convo.user_session.get("heard") + len(chunk.data))

@convo.on_audio_end
async def end():
    sound = convo.OutputAudioChunk(mimeType="pcm16;rate=3000", track="one", data=bytes(24000))
    await convo.context.emitter.send_audio_chunk(sound)
    await convo.Message("I heard " + ("something." if convo.user_session.get("heard") else "nothing.")).send()

@convo.on_message
async def answer(message):
    convo.user_session.set("is_deaf", True)
    await convo.Message("I am deaf now.").send()
"""

MICROPHONES = """
window.tracks = [];
const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
if (ask) navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  tracks.push(...stream.getTracks());
  return stream;
};
"""


@pytest.mark.parametrize("flags", [[*FLAGS, *TALKS, *PLAYS]], ids=["with a microphone"])
async def test_the_widget_listens_and_answers_with_sound(begin: Begin, context: Any) -> None:
    await context.add_init_script(WATCH + MICROPHONES)
    shop = await begin(app=LISTENS)
    page = shop.page
    await shop.open()
    await page.get_by_role("button", name="Talk", exact=True).click()
    await shop.sees("Listening")
    await page.get_by_text(re.compile("0:0[1-9]|0:[1-5][0-9]")).first.wait_for()
    assert await shop.violations() == []
    await page.screenshot(path=SHOTS / "copilot-voice.png")
    await page.get_by_role("button", name="Stop talking").click()
    await shop.sees("I heard something.")
    await page.wait_for_function("() => sounds.length === 1")
    await page.get_by_role("button", name="Stop the sound").click()
    await page.wait_for_function("() => sounds[0].stopped")

    await shop.say("enough")
    await shop.sees("I am deaf now.")
    await page.get_by_role("button", name="Talk", exact=True).click()
    await shop.sees("The app does not take calls at the moment.")

    await page.evaluate("chat.newThread()")
    await page.get_by_role("button", name="Talk", exact=True).click()
    await shop.sees("Listening")
    await page.evaluate("chat.unmount()")
    await page.wait_for_function("() => tracks.every((one) => one.readyState === 'ended')")
    assert shop.errors == []
