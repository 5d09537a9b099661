"""Whoever sends whatever: no error of ours, nothing outside of the folder of files, nothing of anybody else's.

The routes are tried as their own description says they may be used; commands and connect frames as somebody would make
them up who knows every id of somebody else's.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import convo
import httpx
import msgspec
import pytest
from convo.memory import MemoryDataLayer
from convo.principal import Principal
from convo.protocol import COMMANDS, PROTOCOL_VERSION, CommandError, Connect, Saved, encode, new_id
from convo.routes import STATUS
from convo.storage import content_disposition
from convo.testing import ChatClient
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.harness.promises import SOME, keeps_its_promises, operations

SECRET = "the key is under the mat"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
NOT_TRIED = {"events", "shared-events"}  # which do not end by themselves; what is sent to them is in `test_nasty.py`


class Kept(MemoryDataLayer):
    is_durable = True


@pytest.fixture
def app(tmp_path: Path) -> convo.App:
    app = convo.App(data_layer=Kept(), storage=convo.LocalStorage(tmp_path / "kept"))

    @app.on_message
    async def answer(message: convo.Message) -> None:
        elements = [convo.CustomElement("Part", props={"secret": SECRET})] if message.content == SECRET else []
        actions = [convo.Action("press", payload={})] if elements else []
        await convo.Message("I see.", actions=actions, elements=elements).send()

    @app.action_callback("press")
    async def press(action: convo.Action) -> None:
        pass

    return app


def picture(session: Any) -> bytes:
    """All there is of a thread, but for how far it is stored."""
    return encode(replace(session.state.view(), saved=Saved()))


async def of_his_own(client: Any) -> dict[str, str]:
    """What there is of a client's own, by what stands for it in paths: a thread with a run and a file, and a share."""
    thread = (await client.post("api/v1/threads")).json()["thread"]
    at = f"api/v1/threads/{thread}"
    run = (await client.post(f"{at}/messages?wait=10", {"content": "Hello"})).json()["run"]["id"]
    file = (await client.http.post(f"{at}/files?name=a.png", content=PNG)).json()["id"]
    share = (await client.post(f"{at}/shares", {"kind": "live"})).json()["id"]
    return {"id": thread, "run": run, "file": file, "share": share}


async def test_every_route_answers_whatever_it_is_asked(start, app, campaign, tmp_path):
    limits = {"commands_per_second": 1e9, "sessions_per_principal": 100_000}
    server = await start(app, limits=limits, features={"allow_thread_sharing": True})
    owner, other = await server.client(), await server.client()
    tab = await owner.socket().connect()
    await tab.ask(SECRET)
    session = server.host.directory.live(tab.hello["thread"])
    before, thread = picture(session), tab.hello["thread"]
    info = await owner.http.post(f"api/v1/threads/{thread}/files?name=a.png", content=PNG)
    strange = st.sampled_from([thread, session.id, info.json()["id"], "..", "%2e%2e", "a/../b", "\0", "x" * 5000])
    own = await of_his_own(other)
    described = operations((await owner.http.get("api/v1/openapi.json")).content)
    assert len(described) > 25
    tried = campaign.of("requests", 40_000, 800) // len(described)

    def look(response: httpx.Response, case: str) -> None:
        assert SECRET not in response.text, case
        if response.is_error and response.url.path.startswith("/api/"):
            failure = response.json()
            code = failure.get("error", failure)["code"]
            assert response.status_code in (STATUS[code], 405), case

    def check(operation: Any) -> None:
        once = httpx.Limits(max_keepalive_connections=0)  # the server closes after a body it did not read to its end
        with httpx.Client(base_url=server.url, headers={"Cookie": other.cookie}, timeout=10, limits=once) as http:
            keeps_its_promises(operation, http, times=max(8, tried), own=own, strange=strange, look=look)

    for operation in described:
        if operation.definition.raw["operationId"] not in NOT_TRIED:
            await asyncio.to_thread(check, operation)
    assert picture(session) == before
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and tmp_path / "kept" not in path.parents]
    assert outside == []


TEXTS = st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
FIELDS = {kind: [field.encode_name for field in msgspec.structs.fields(struct)] for kind, struct in COMMANDS.items()}


async def test_nobody_reads_or_changes_what_is_anothers(app, campaign):
    """Every command, with every id there is, by somebody who is connected to a chat of his own; and every way in."""
    tries = campaign.of("tries", 100_000, 2_000)
    app.configure(flags={"limits": {"commands_per_second": 1e9, "connections_per_principal": 10**6}})
    async with ChatClient(app, data_layer=Kept()) as owner:
        await owner.send(SECRET)
        [session] = owner.directory.sessions
        await owner.rest()
        directory, thief = owner.directory, Principal(new_id())
        connection = await directory.connect(thief, Connect(protocol=PROTOCOL_VERSION, client="test"))
        while connection.has_news:
            connection.read()
        before = picture(session)
        ids = [session.id, session.thread_id, session.log.id, owner.principal.id, owner.connection.id]
        ids += [*session.state.steps, *session.state.elements, *session.state.actions, *session.state.runs]
        known = st.sampled_from(ids)
        fields = {
            kind: st.fixed_dictionaries({}, optional=dict.fromkeys(names, known | VALUES | st.lists(known, max_size=2)))
            for kind, names in FIELDS.items()
        }
        commands = st.sampled_from(sorted(COMMANDS)).flatmap(
            lambda kind: fields[kind].map(lambda some: {"kind": kind} | some | {"id": new_id(), "kind": kind})
        )
        connects = st.fixed_dictionaries(
            {},
            optional={
                "thread": known | TEXTS,
                "session": known | TEXTS,
                "log": known,
                "after": st.integers(0, 50),
                "place": st.integers(0, 50),
                "turns": st.integers(1, 5),
            },
        ).filter(lambda fields: fields.get("thread") or fields.get("session"))

        @settings(SOME, max_examples=tries // 2)
        @given(sent=commands)
        def command(sent: dict[str, Any]) -> None:
            answer = connection.dispatch(sent)
            assert answer.ok or (answer.error is not None and answer.error.code != "internal"), sent
            assert SECRET.encode() not in encode(answer), sent
            for _ in range(5):
                if connection.has_news and (frame := connection.read()) is not None:
                    assert SECRET.encode() not in encode(frame), sent

        command()
        assert picture(session) == before
        assert set(session.state.steps) == set(owner.state.steps)

        tried: list[dict[str, Any]] = []
        settings(SOME, max_examples=tries // 2)(given(sent=connects)(lambda sent: tried.append(sent)))()
        for sent in tried:
            with pytest.raises(CommandError) as refused:
                await directory.connect(thief, Connect(protocol=PROTOCOL_VERSION, client="test", **sent))
            assert refused.value.failure.code in ("not-found", "invalid"), sent
        for way in (directory.read(thief, session.thread_id), directory.read_file(thief, session.thread_id, "x")):
            with pytest.raises(CommandError, match="or it is not yours"):
                await way
        assert picture(session) == before
        assert len(session.connections) == 1
        connection.close()


NAMES = (
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(["..", ".", "/", "\\", "a", "\0", "\r\n", "%2e", "~", ":", '"', ";", "\u202e", "con", " "]),
        max_size=12,
    ).map("".join)
    | st.sampled_from(["../../../etc/passwd", "C:\\x", "/etc/passwd", "..\\..\\x", "a" * 5000, "\ud800", ".htaccess"])
)


async def test_no_name_of_a_file_leads_out_of_the_folder_or_into_a_header(app, campaign, tmp_path):
    tried: list[tuple[str, str]] = []
    count = campaign.of("names", 20_000, 300)
    types = st.sampled_from(["", "text/html", "image/svg+xml", "x", "text/plain; charset=x", "../x", "a\r\nb: c/d"])
    settings(SOME, max_examples=count)(given(name=NAMES, mime=types)(lambda name, mime: tried.append((name, mime))))()
    async with ChatClient(app, data_layer=Kept()) as chat:
        uploads = chat.connection.session.uploads
        refused = set[str]()

        async def content() -> Any:
            yield b"<script>alert(1)</script>"

        for name, mime in tried:
            try:
                info = await chat.connection.receive_file(content(), name=name, mime=mime)
            except CommandError as error:
                refused.add(error.failure.code)
                continue
            shown = content_disposition(info.name, inline=False)
            assert shown.isascii(), name
            assert shown.isprintable(), name
            assert "/" not in info.name, name
            assert "\\" not in info.name, name
            assert info.name.isprintable(), name
            encode(info)
            await uploads.discard(info.id)
        assert refused <= {"invalid"}
        await chat.connection.receive_file(content(), name="last.html")
        kept = tmp_path / "kept"
        files = [path.relative_to(kept) for path in kept.rglob("*") if path.is_file()]
        assert {len(path.parts) for path in files} == {2}
        assert {path.parts[0] for path in files} == {chat.thread_id}
        assert [path for path in tmp_path.iterdir() if path != kept] == []
