"""Voice, through an App: what a user says, and what the app says back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import convo
import pytest
from convo.protocol import AudioChunk, AudioData, AudioEnd, AudioInterrupted, AudioStart, CommandError, new_id
from convo.testing import ChatClient

TENTH = bytes(4800)  # of a second


class Listener:
    """An App that listens; knows what it heard."""

    def __init__(self, accepts: Any = True, **config: Any) -> None:
        self.app = app = convo.App(config)
        self.heard: list[convo.InputAudioChunk] = []
        self.ends = 0
        self.ended = asyncio.Event()

        @app.on_audio_start
        async def start() -> Any:
            return accepts

        @app.on_audio_chunk
        async def chunk(chunk: convo.InputAudioChunk) -> None:
            self.heard.append(chunk)

        @app.on_audio_end
        async def end() -> None:
            self.ends += 1
            await convo.Message(f"heard {len(self.heard)}").send()
            self.ended.set()

    @property
    def data(self) -> list[bytes]:
        return [chunk.data for chunk in self.heard]


def shown(chat: ChatClient) -> tuple[str, str | None]:
    audio = chat.state.fields["audio"]
    return audio["state"], audio.get("reason")


async def refusal(chat: ChatClient, command: Any) -> str:
    with pytest.raises(CommandError) as refused:
        await chat.command(command)
    return refused.value.failure.code


async def test_what_a_user_says_arrives_in_order_and_then_its_end() -> None:
    listener = Listener()
    async with ChatClient(listener.app) as chat:
        await chat.speak(b"\1\0" * 2400, b"\2\0" * 1200)
        await chat.speak(b"\3\0")
        assert chat.is_speaking
        await chat.hush()
        await chat.until(lambda: chat.messages)

        assert chat.messages[0].output == "heard 3"
        assert [chunk.isStart for chunk in listener.heard] == [True, False, False]
        assert [chunk.elapsedTime for chunk in listener.heard] == [0.0, 100.0, 150.0]
        assert {chunk.mimeType for chunk in listener.heard} == {"pcm16"}
        assert b"".join(listener.data) == b"\1\0" * 2400 + b"\2\0" * 1200 + b"\3\0"
        assert shown(chat) == ("off", "ended")
        assert listener.ends == 1


async def test_never_two_callbacks_at_a_time() -> None:
    app = convo.App()
    inside = most = 0
    order: list[int] = []
    done = asyncio.Event()

    @app.on_audio_chunk
    async def chunk(chunk: convo.InputAudioChunk) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.005 if len(order) % 2 else 0)
        order.append(chunk.data[0])
        inside -= 1

    @app.on_audio_end
    async def end() -> None:
        done.set()

    async with ChatClient(app) as chat:
        await chat.speak(*(bytes([number, 0]) for number in range(40)))
        await chat.hush()
        await asyncio.wait_for(done.wait(), 5)

    assert order == list(range(40))
    assert most == 1


async def test_a_repeat_is_ignored_and_a_gap_refused() -> None:
    listener = Listener()
    async with ChatClient(listener.app) as chat:
        await chat.speak(b"\1\0", b"\2\0")
        await chat.command(AudioData(id=new_id(), index=0, data=b"\7\0"))
        with pytest.raises(CommandError) as refused:
            await chat.command(AudioData(id=new_id(), index=3, data=b"\7\0"))
        assert refused.value.failure.code == "conflict"
        assert refused.value.failure.details == {"expected": 2}
        await chat.speak(b"\3\0")
        await chat.hush()
        await asyncio.wait_for(listener.ended.wait(), 5)

    assert listener.data == [b"\1\0", b"\2\0", b"\3\0"]


async def test_an_app_that_refuses_hears_nothing() -> None:
    listener = Listener(accepts=False)
    async with ChatClient(listener.app) as chat:
        with pytest.raises(PermissionError):
            await chat.speak(TENTH)
        assert shown(chat) == ("off", "refused")
        assert await refusal(chat, AudioData(id=new_id(), index=0, data=TENTH)) == "conflict"
        with pytest.raises(PermissionError):  # and it may be asked again
            await chat.speak(TENTH)
    assert (listener.heard, listener.ends) == ([], 0)


async def test_a_start_that_fails_or_is_stopped_is_a_refusal() -> None:
    app = convo.App({"debug": True})
    waits = asyncio.Event()

    @app.on_audio_start
    async def start() -> bool:
        if waits.is_set():
            await asyncio.Event().wait()
        raise ValueError("no line is free")

    async with ChatClient(app) as chat:
        with pytest.raises(PermissionError):
            await chat.speak()
        [run] = chat.state.runs.values()
        assert run.error is not None
        assert run.error.text == "ValueError: no line is free"

        waits.set()
        await chat.command(AudioStart(id=new_id()))
        await chat.stop()
        await chat.until(lambda: shown(chat) == ("off", "refused"))


async def test_who_changes_his_mind_before_he_is_let_in_is_not_heard() -> None:
    listener = Listener()
    lets_in = asyncio.Event()

    @listener.app.on_audio_start
    async def start() -> bool:
        await lets_in.wait()
        return True

    async with ChatClient(listener.app) as chat:
        await chat.command(AudioStart(id=new_id()))
        assert chat.state.fields["audio"]["state"] == "starting"
        await chat.hush()
        assert shown(chat) == ("off", "ended")
        lets_in.set()
        await asyncio.wait_for(listener.ended.wait(), 5)  # what it opened, it can close
        await chat.until(lambda: chat.messages)
        assert shown(chat) == ("off", "ended")
        assert listener.heard == []


async def test_who_is_not_asked_for_sound_gets_none() -> None:
    silent = convo.App()
    disabled = Listener(features={"audio": {"enabled": False}})
    for app in (silent, disabled.app):
        async with ChatClient(app) as chat:
            assert await refusal(chat, AudioStart(id=new_id())) == "unsupported"


async def test_a_chunk_alone_is_enough_to_listen() -> None:
    app = convo.App()
    heard = []

    @app.on_audio_chunk
    def chunk(chunk: convo.InputAudioChunk) -> None:
        heard.append(chunk.data)

    async with ChatClient(app) as chat:
        await chat.speak(TENTH)
        await chat.hush()
        await chat.until(lambda: not chat.is_speaking)
        async with asyncio.timeout(5):
            while not heard:
                await asyncio.sleep(0)


@pytest.mark.parametrize("data", [b"", b"\1", b"\1\0\1"])
async def test_what_is_no_sound_is_refused(data: bytes) -> None:
    listener = Listener()
    async with ChatClient(listener.app) as chat:
        await chat.speak()
        assert await refusal(chat, AudioData(id=new_id(), index=0, data=data)) == "invalid"
        await chat.speak(TENTH)  # the same index, this time right


async def test_a_chunk_and_a_second_have_their_limits() -> None:
    listener = Listener(limits={"audio_chunk_bytes": 10_000, "audio_bytes_per_second": 10_000})
    async with ChatClient(listener.app) as chat:
        await chat.speak()
        assert await refusal(chat, AudioData(id=new_id(), index=0, data=bytes(10_002))) == "too-large"
        with pytest.raises(CommandError) as refused:
            await chat.speak(*(TENTH for _ in range(10)))
        assert refused.value.failure.code == "rate-limited"
        assert refused.value.failure.retry_after is not None
        await chat.hush()
        await asyncio.wait_for(listener.ended.wait(), 5)
        assert 4 <= len(listener.heard) < 10


async def test_an_app_that_cannot_follow_is_not_buried() -> None:
    app = convo.App({"limits": {"audio_waiting_bytes": 10_000}})
    goes_on = asyncio.Event()

    @app.on_audio_chunk
    async def chunk(chunk: convo.InputAudioChunk) -> None:
        await goes_on.wait()

    async with ChatClient(app) as chat:
        await chat.speak(TENTH)
        await chat.until(lambda: True)
        with pytest.raises(CommandError) as refused:
            await chat.speak(TENTH, TENTH, TENTH)
        assert refused.value.failure.code == "rate-limited"
        goes_on.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await chat.speak(TENTH)  # the one that was refused


async def test_voice_has_an_allowance_of_its_own() -> None:
    listener = Listener(limits={"commands_per_second": 2})
    async with ChatClient(listener.app) as chat:
        await chat.speak(*(TENTH for _ in range(40)))
        await chat.hush()
        await asyncio.wait_for(listener.ended.wait(), 5)
    assert len(listener.heard) == 40


async def test_a_long_talk_does_not_make_a_message_forgotten() -> None:
    listener = Listener(limits={"audio_chunks_per_second": 10_000})

    @listener.app.on_message
    async def answer(message: convo.Message) -> str:
        return "x"

    async with ChatClient(listener.app) as chat:
        sent = {"kind": "message", "id": "mine", "content": "hi"}
        first = chat.raw(sent)
        await chat.speak(*(b"\0\0" for _ in range(1100)))
        assert chat.raw(sent) == first
        assert len(chat.state.steps) == 1


async def test_one_tab_talks_at_a_time() -> None:
    listener = Listener()
    async with ChatClient(listener.app) as chat:
        other = await chat.tab()
        await chat.speak(TENTH)
        assert await refusal(other, AudioStart(id=new_id())) == "conflict"
        assert await refusal(other, AudioData(id=new_id(), index=1, data=TENTH)) == "conflict"
        assert await refusal(other, AudioEnd(id=new_id())) == "conflict"
        await chat.hush()
        await asyncio.wait_for(listener.ended.wait(), 5)
        await other.until(lambda: other.state.fields["audio"]["state"] != "on")
        await other.speak(TENTH)
        assert listener.heard[-1].isStart


async def test_a_lost_connection_ends_its_voice() -> None:
    listener = Listener()
    async with ChatClient(listener.app) as chat:
        await chat.speak(TENTH)
        chat.drop()
        await asyncio.wait_for(listener.ended.wait(), 5)
        await chat.connect()
        await chat.until(lambda: shown(chat) == ("off", "gone"))
        assert not chat.is_speaking
        assert (len(listener.heard), listener.ends) == (1, 1)


async def test_a_session_that_ends_hears_the_end() -> None:
    listener = Listener()
    async with ChatClient(listener.app) as chat:
        await chat.speak(TENTH)
        await chat.until(lambda: listener.heard)
    assert listener.ends == 1


async def test_the_app_hangs_up() -> None:
    listener = Listener()

    @listener.app.on_audio_chunk
    async def chunk(chunk: convo.InputAudioChunk) -> None:
        listener.heard.append(chunk)
        await convo.context.emitter.update_audio_connection("off")

    async with ChatClient(listener.app) as chat:
        await chat.speak(TENTH)
        await asyncio.wait_for(listener.ended.wait(), 5)
        await chat.until(lambda: not chat.is_speaking)
        assert (len(listener.heard), listener.ends) == (1, 1)


async def test_a_chunk_that_cannot_be_handled_is_shown_once_and_ends_the_talk(
    caplog: pytest.LogCaptureFixture,
) -> None:
    listener = Listener(debug=True)

    @listener.app.on_audio_chunk
    async def chunk(chunk: convo.InputAudioChunk) -> None:
        raise ValueError("what noise")

    async with ChatClient(listener.app) as chat:
        with contextlib.suppress(CommandError):
            await chat.speak(*(TENTH for _ in range(10)))
        await asyncio.wait_for(listener.ended.wait(), 5)
        await chat.until(lambda: not chat.is_speaking)
        failed = [run for run in chat.state.runs.values() if run.status == "failed"]
        assert [(run.callback, run.error and run.error.text) for run in failed] == [
            ("on_audio_chunk", "ValueError: what noise")
        ]
        assert shown(chat) == ("off", "failed")
        assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_the_app_answers_with_sound_to_the_one_who_talks() -> None:
    app = convo.App()
    samples = bytes(range(256)) * 300  # more than one piece

    @app.on_audio_chunk
    async def chunk(chunk: convo.InputAudioChunk) -> None:
        emitter = convo.context.emitter
        await emitter.send_audio_chunk(convo.OutputAudioChunk(mimeType="pcm16", track="answer", data=samples))
        await emitter.send_audio_interrupt()
        await convo.Message("said").send()

    async with ChatClient(app) as chat:
        other = await chat.tab()
        await chat.speak(TENTH)
        await chat.until(lambda: chat.messages)
        await other.until(lambda: other.messages)

        pieces = chat.passed(AudioChunk)
        assert b"".join(piece.data for piece in pieces) == samples
        assert {(piece.track, piece.mime, piece.to) for piece in pieces} == {("answer", "pcm16", chat.hello.connection)}
        assert all(len(piece.data) % 2 == 0 and len(piece.data) <= 32 * 1024 for piece in pieces)
        assert len(chat.passed(AudioInterrupted)) == 1
        assert (other.passed(AudioChunk), other.passed(AudioInterrupted)) == ([], [])
        assert chat.state.steps[chat.messages[0].id].step.end is not None


async def test_a_model_that_speaks_for_itself_writes_after_the_start_was_answered() -> None:
    """The shape of apps with a model for speech: what it says comes from a task of its own."""
    app = convo.App()
    said: asyncio.Queue[str] = asyncio.Queue()
    tasks: set[asyncio.Task[None]] = set()

    @app.on_audio_start
    async def start() -> bool:
        tasks.add(asyncio.create_task(receive()))
        await convo.context.emitter.update_audio_connection("on")
        return True

    async def receive() -> None:
        while True:
            words = await said.get()
            await convo.context.emitter.send_audio_interrupt()
            message = convo.Message("")
            for word in words.split():
                await message.stream_token(word + " ")
                sound = convo.OutputAudioChunk(mimeType="pcm16", track="one", data=TENTH)
                await convo.context.emitter.send_audio_chunk(sound)
            await message.update()

    @app.on_audio_chunk
    async def chunk(chunk: convo.InputAudioChunk) -> None:
        await said.put("I hear you")

    @app.on_audio_end
    async def end() -> None:
        for task in tasks:
            task.cancel()

    async with ChatClient(app) as chat:
        await chat.speak(TENTH, TENTH)
        await chat.until(lambda: len([step for step in chat.messages if step.end]) == 2)
        assert [message.output for message in chat.messages] == ["I hear you ", "I hear you "]
        assert len(chat.passed(AudioChunk)) == 6
        await chat.hush()
        await chat.until(lambda: all(run.ended_at for run in chat.state.runs.values()))
        assert {run.status for run in chat.state.runs.values()} == {"done"}


@pytest.mark.parametrize(
    ("chunk", "says"),
    [
        (convo.OutputAudioChunk(mimeType="pcm16", track="t", data=b"\0"), "16 bits"),
        (convo.OutputAudioChunk(mimeType="audio/mpeg", track="t", data=bytes(1024 * 1024 + 1)), "Audio"),
    ],
)
async def test_sound_that_cannot_be_played_is_the_authors_error(chunk: convo.OutputAudioChunk, says: str) -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        with pytest.raises(ValueError, match=says):
            await convo.context.emitter.send_audio_chunk(chunk)
        with pytest.raises(ValueError, match="`on` or `off`"):
            await convo.context.emitter.update_audio_connection("loud")  # type: ignore[arg-type]
        with pytest.raises(RuntimeError, match="Nobody wants to talk"):
            await convo.context.emitter.update_audio_connection("on")

    async with ChatClient(app) as chat:
        assert (await chat.send("hi")).status == "done"
        assert chat.passed(AudioChunk) == []
