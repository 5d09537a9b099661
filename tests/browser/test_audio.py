"""Talking to an app in a real Chromium, whose microphone hears a file."""

import array
import itertools
import json
import math
import re
import signal
import time
import wave
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.harness.site import site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "audio.py"

RECORDER = """
import json, time
import convo

@convo.on_audio_start
async def start():
    convo.user_session.set("sound", [])
    return True

@convo.on_audio_chunk
async def chunk(chunk):
    convo.user_session.get("sound").append((chunk.isStart, chunk.elapsedTime, time.monotonic(), chunk.data))

@convo.on_audio_end
async def end():
    sound = convo.user_session.get("sound")
    with open("sound.json", "w") as file:
        json.dump([(start, elapsed, at, data.hex()) for start, elapsed, at, data in sound], file)
    await convo.Message(f"{len(sound)} pieces").send()
"""

REFUSES = """
import convo

@convo.on_audio_start
async def start():
    return False

@convo.on_audio_chunk
async def chunk(chunk): ...
"""

HANGS_UP = """
import convo

@convo.on_audio_chunk
async def chunk(chunk):
    await convo.context.emitter.update_audio_connection("off")

@convo.on_audio_end
async def end():
    await convo.Message("Goodbye.").send()
"""

SPEAKS = """
import io, wave
import convo

@convo.on_message
async def answer(message):
    emitter = convo.context.emitter
    if message.content == "stop":
        await emitter.send_audio_interrupt()
        return
    if message.content == "file":
        file = io.BytesIO()
        with wave.open(file, "wb") as sound:
            sound.setnchannels(2)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(4 * 16000))
        chunk = convo.OutputAudioChunk(mimeType="audio/wav", track="two", data=file.getvalue())
        await emitter.send_audio_chunk(chunk)
        broken = convo.OutputAudioChunk(mimeType="audio/mpeg", track="two", data=b"no sound at all")
        await emitter.send_audio_chunk(broken)
        await emitter.send_audio_chunk(chunk)
        return
    for _ in range(30):
        sound = convo.OutputAudioChunk(mimeType="pcm16", track="one", data=bytes(24000))
        await emitter.send_audio_chunk(sound)
"""

WATCH = """
window.sounds = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when) {
  window.sounds.push({ when, length: this.buffer.duration, rate: this.buffer.sampleRate, source: this });
  start.call(this, when);
};
const stop = AudioBufferSourceNode.prototype.stop;
AudioBufferSourceNode.prototype.stop = function () {
  window.sounds.find((sound) => sound.source === this).stopped = true;
  stop.call(this);
};
"""

TALKS = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
PLAYS = ["--autoplay-policy=no-user-gesture-required"]


@pytest.fixture
def flags(tmp_path: Path) -> list[str]:
    return [*TALKS, *PLAYS, f"--use-file-for-fake-audio-capture={rising(tmp_path / 'rising.wav')}"]


def rising(path: Path, seconds: int = 20, rate: int = 48000) -> Path:
    """A tone that rises by 100 Hz a second, from 300 Hz on."""
    samples = array.array("h")
    for i in range(seconds * rate):
        t = i / rate
        samples.append(int(16000 * math.sin(2 * math.pi * (300 * t + 50 * t * t))))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def pitch(samples: array.array, rate: int) -> float:
    crossings = sum(a < 0 <= b for a, b in itertools.pairwise(samples))
    return crossings * rate / len(samples)


def talk(chat: Any) -> Any:
    return chat.page.get_by_role("button", name="Talk", exact=True)


def stop_talking(chat: Any) -> Any:
    return chat.page.get_by_role("button", name="Stop talking")


async def talks_for(chat: Any, seconds: int) -> None:
    """Waits until the time that is shown is this, or later: who looks seldom does not see each second."""
    await chat.page.wait_for_function(
        """least => {
          const [minutes, seconds] = document.querySelector(".voice-time")?.innerText.split(":") ?? [];
          return 60 * minutes + Number(seconds) >= least;
        }""",
        arg=seconds,
    )


@pytest.mark.parametrize("rate", [24000, 16000])
async def test_what_is_said_arrives_at_the_rate_the_app_wants_and_in_order(
    serve: Any, open_tab: Any, tmp_path: Path, rate: int
) -> None:
    server = await serve(app=RECORDER, settings={"FEATURES__AUDIO__SAMPLE_RATE": str(rate)})
    chat = await open_tab(server.url)
    began = time.monotonic()
    await talk(chat).click()
    await chat.sees("Listening")
    await talks_for(chat, 5)
    await stop_talking(chat).click()
    await chat.sees("pieces")
    took = time.monotonic() - began

    sound = json.loads((tmp_path / "sound.json").read_text())
    data = array.array("h", bytes.fromhex("".join(piece[3] for piece in sound)))
    assert [piece[0] for piece in sound] == [True] + [False] * (len(sound) - 1)
    at = 0
    for _, elapsed, _, piece in sound:
        assert elapsed == pytest.approx(at / rate * 1000)
        at += len(piece) // 4
    assert 4.0 <= len(data) / rate <= took
    # The tone rises as it should: by 100 Hz a second, from beginning to end.
    seconds = [pitch(data[i : i + rate], rate) for i in range(0, len(data) - rate, rate)]
    rises = [later - earlier for earlier, later in itertools.pairwise(seconds)]
    assert len(rises) >= 2
    assert all(70 < rise < 130 for rise in rises), seconds


async def test_the_example_listens_and_answers_with_sound(serve: Any, context: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    await context.add_init_script(WATCH)
    chat = await open_tab(server.url)
    await talk(chat).click()
    await chat.sees("Listening")
    assert await stop_talking(chat).get_attribute("aria-pressed") == "true"
    await chat.page.wait_for_url("**/thread/*")
    other = await open_tab(chat.page.url)
    await talks_for(chat, 1)
    await chat.portray("voice-on")
    await stop_talking(chat).click()
    await chat.sees("I heard")
    await chat.page.wait_for_function("() => sounds.length >= 3")
    await chat.portray("voice-off")
    assert await other.page.evaluate("sounds.length") == 0


async def test_a_conversation_by_voice_is_written_down_answered_aloud_and_interrupted(
    serve: Any, context: Any, open_tab: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = (EXAMPLE.parent / "speech" / "service.py").read_text("utf-8")
    service = service.replace("0.15 * len(word)", "0.6 * len(word)")  # so slowly that it is still heard below
    async with site(tmp_path, f"{service}\nsite = service\n") as url:
        monkeypatch.setenv("SPEECH_URL", url)
        server = await serve("run", str(EXAMPLE.with_name("voice.py")))
        await context.add_init_script(WATCH)
        chat = await open_tab(server.url)
        await talk(chat).click()
        await talks_for(chat, 2)
        await stop_talking(chat).click()
        await chat.page.get_by_text(re.compile(r"^((low|middle|high) ?)+$")).first.wait_for()
        await chat.page.get_by_text(re.compile(r"I heard \d+ words\. The last one was")).first.wait_for()
        await chat.page.wait_for_function("() => sounds.length > 3")
        await talk(chat).click()
        await chat.page.wait_for_function("() => sounds.some(sound => sound.stopped)")


async def test_sound_is_played_without_a_gap_and_interrupted_at_once(serve: Any, context: Any, open_tab: Any) -> None:
    server = await serve(app=SPEAKS)
    await context.add_init_script(WATCH)
    chat = await open_tab(server.url)
    assert await talk(chat).count() == 0, "an app that does not listen has no microphone"
    await chat.say("go")
    await chat.page.wait_for_function("() => sounds.length === 30")
    sounds = await chat.page.evaluate("sounds.map(({when, length, rate}) => ({when, length, rate}))")
    assert {sound["rate"] for sound in sounds} == {24000}
    for earlier, later in itertools.pairwise(sounds):
        assert later["when"] == pytest.approx(earlier["when"] + earlier["length"], abs=1e-6)
    await chat.say("stop")
    await chat.page.wait_for_function("() => sounds.at(-1).stopped === true")

    await chat.page.evaluate("sounds.length = 0")
    await chat.say("file")
    await chat.page.wait_for_function("() => sounds.length === 2")
    sounds = await chat.page.evaluate("sounds.map(({when, length}) => ({when, length}))")
    assert [sound["length"] for sound in sounds] == [pytest.approx(2, abs=0.01)] * 2
    assert sounds[1]["when"] == pytest.approx(sounds[0]["when"] + sounds[0]["length"], abs=1e-6)

    silence = chat.page.get_by_role("button", name="Stop the sound")
    await silence.wait_for(state="detached")
    await chat.say("go")
    await silence.click()
    await chat.page.wait_for_function("() => sounds.at(-1).stopped === true")
    await silence.wait_for(state="detached")
    assert await chat.page.evaluate("sounds.at(-1).stopped") is True


async def test_an_app_that_refuses_says_so(serve: Any, open_tab: Any) -> None:
    server = await serve(app=REFUSES)
    chat = await open_tab(server.url)
    await talk(chat).click()
    await chat.sees("The app does not take calls at the moment.")
    await chat.portray("voice-refused")
    await chat.page.get_by_role("button", name="Close").click()
    await chat.sees_not("The app does not take calls")


async def test_the_app_hangs_up(serve: Any, open_tab: Any) -> None:
    server = await serve(app=HANGS_UP)
    chat = await open_tab(server.url)
    for times in (1, 2):
        await talk(chat).click()
        await expect(chat.page.locator("main .markdown", has_text="Goodbye.")).to_have_count(times)
        await talk(chat).wait_for()


async def test_a_lost_connection_ends_the_talk_and_the_next_one_works(serve: Any, open_tab: Any) -> None:
    server = await serve(app=RECORDER)
    chat = await open_tab(server.url)
    await talk(chat).click()
    await chat.sees("Listening")
    await server.end(signal.SIGKILL)  # one that may still speak ends the talk itself
    await chat.sees("The connection was lost. Talk again when it is back.")
    await server.start()
    await chat.sees_not("Reconnecting")  # to a new chat, since nothing was said in the other that could be lost
    await chat.page.locator(".mark .is-online").first.wait_for(state="attached")
    await talk(chat).click()
    await chat.sees("Listening")
    await stop_talking(chat).click()
    await chat.sees("pieces")


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--deny-permission-prompts", "--use-fake-device-for-media-stream"], "The microphone is blocked."),
        (["--use-fake-ui-for-media-stream"], "No microphone was found."),
    ],
    ids=["denied", "missing"],
)
async def test_without_a_microphone_it_says_what_to_do(serve: Any, open_tab: Any, says: str) -> None:
    server = await serve(app=RECORDER)
    chat = await open_tab(server.url)
    await talk(chat).click()
    await chat.sees(says)
    await chat.say("and writing goes on")
    await chat.sees("and writing goes on")


async def test_what_an_app_says_is_played_although_the_player_came_late(
    serve: Any, context: Any, open_tab: Any
) -> None:
    await context.add_init_script(WATCH)
    chat = await open_tab((await serve(app=SPEAKS)).url)
    lost = "**/{assets/player-*,copilot/index.js}"
    await chat.page.route(lost, lambda route: route.abort())
    async with chat.page.expect_event("requestfailed"):
        await chat.say("speak")
    await chat.page.unroute(lost)
    await chat.page.wait_for_function("() => sounds.length === 30")


async def test_a_microphone_whose_code_did_not_come_says_so_and_is_pressed_again(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=HANGS_UP)).url)
    lost = "**/assets/voice-*"
    await chat.page.route(lost, lambda route: route.abort())
    await talk(chat).click()
    await chat.sees("The server did not answer.")
    await chat.page.unroute(lost)
    await talk(chat).click()
    await chat.sees("Goodbye.")
