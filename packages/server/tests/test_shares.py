"""Shared threads by plain HTTP, SSE and sockets, as strangers read them."""

from __future__ import annotations

import asyncio
import json
import time

import convo
import pytest
from convo.memory import MemoryDataLayer


class Kept(MemoryDataLayer):
    is_durable = True


@pytest.fixture
def app():
    app = convo.App(data_layer=Kept())

    @app.on_message
    async def answer(message: convo.Message) -> None:
        convo.user_session.set("key", "s3cret")
        elements = [convo.File(name="notes.txt", content=f"about {message.content}")]
        await convo.Message(f"You said {message.content}.", elements=elements).send()

    return app


async def shared(start, app, kind="live"):
    """A server, its owner's program, tab and thread, and a share."""
    server = await start(app, features={"allow_thread_sharing": True})
    owner = await server.client()
    tab = await owner.socket().connect()
    await tab.ask("tea")
    thread = f"api/v1/threads/{tab.hello['thread']}"
    answer = await owner.post(f"{thread}/shares", {"kind": kind})
    assert answer.status_code == 201, answer.text
    return server, owner, tab, thread, answer.json()


def api(share):
    return f"api/v1/shares/{share['id']}"


async def test_a_stranger_reads_by_http_what_an_owner_shares_until_it_is_revoked(start, app):
    server, owner, _, thread, share = await shared(start, app)
    assert (share["kind"], share["url"]) == ("live", f"share/{share['id']}")
    assert (await owner.http.get(f"{thread}/shares")).json() == {"shares": [share]}
    stranger = await server.client()
    shown = await stranger.http.get(api(share))
    assert [step["output"] for step in shown.json()["state"]["steps"]] == ["tea", "You said tea."]
    assert shown.headers["x-robots-tag"] == "noindex"
    [element] = shown.json()["state"]["elements"]
    assert element["url"].startswith(api(share))
    file = await stranger.http.get(element["url"])
    assert (file.text, file.headers["cache-control"]) == ("about tea", "private, no-cache")
    again = await stranger.http.get(element["url"], headers={"If-None-Match": file.headers["etag"]})
    assert again.status_code == 304
    own = element["url"].replace(api(share), thread)
    assert (await owner.http.get(own)).text == "about tea"
    assert (await stranger.http.get(own)).status_code == 404
    assert (await stranger.http.get(thread)).status_code == 404
    assert (await stranger.http.get(f"{thread}/shares")).status_code == 404
    assert (await stranger.http.delete(f"{thread}/shares/{share['id']}")).status_code == 404
    assert (await owner.http.delete(f"{thread}/shares/{share['id']}")).json() == {"shares": []}
    for url in (api(share), element["url"], f"{api(share)}/events"):
        answer = await stranger.http.get(url)
        assert (answer.status_code, answer.json()["code"]) == (410, "expired")
    assert (await stranger.http.get("api/v1/shares/nothing")).status_code == 404


async def test_a_socket_that_reads_a_live_share_streams_and_is_cut_off_when_it_is_revoked(start, app):
    server, owner, tab, thread, share = await shared(start, app)
    stranger = await server.client()
    viewer = await stranger.socket().connect(share=share["id"])
    assert (viewer.hello["role"], viewer.hello["thread"]) == ("viewer", share["id"])
    await tab.ask("coffee")
    await viewer.until(lambda: "You said coffee." in viewer.text)
    refused = await viewer.command("message", content="hello")
    assert refused["error"]["code"] == "unsupported"
    began = time.monotonic()
    await owner.http.delete(f"{thread}/shares/{share['id']}")
    await viewer.until(lambda: viewer.is_closed)
    assert time.monotonic() - began < 5
    assert await stranger.socket().refused(share=share["id"]) == "expired"
    assert await stranger.socket().refused(share="nothing") == "not-found"
    assert await stranger.socket().refused(share=share["id"], thread="t") == "invalid"
    assert "s3cret" not in json.dumps(viewer.frames)
    assert tab.hello["thread"] not in json.dumps(viewer.frames)


async def test_a_stream_of_what_is_shared_ends_when_it_is_revoked(start, app):
    server, owner, tab, thread, share = await shared(start, app)
    stranger = await server.client()
    assert (await stranger.http.head(f"{api(share)}/events")).status_code == 200
    async with asyncio.timeout(10), stranger.http.stream("GET", f"{api(share)}/events") as stream:
        lines = stream.aiter_lines()
        seen = ""
        async for line in lines:
            seen += line
            if "You said tea." in seen and "asked" not in seen:
                await tab.ask("coffee")
                seen += "asked"
            if "You said coffee." in seen:
                break
        await owner.http.delete(f"{thread}/shares/{share['id']}")
        async for line in lines:
            seen += line
    assert '"role":"viewer"' in seen
    assert tab.hello["thread"] not in seen


async def test_what_is_not_a_share_to_make_is_refused(start, app):
    _, owner, _, thread, _ = await shared(start, app)
    for body in ({}, {"kind": "everything"}, {"kind": "live", "id": "mine"}, [], None):
        answer = await owner.post(f"{thread}/shares", body)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert (await owner.post("api/v1/threads/nothing/shares", {"kind": "live"})).status_code == 404


async def test_without_the_flag_every_route_about_shares_says_so(start, app):
    client = await (await start(app)).client()
    tab = await client.socket().connect()
    await tab.ask("tea")
    thread = f"api/v1/threads/{tab.hello['thread']}"
    answers = [
        await client.post(f"{thread}/shares", {"kind": "live"}),
        await client.http.get(f"{thread}/shares"),
        await client.http.delete(f"{thread}/shares/x"),
        await client.http.get("api/v1/shares/x"),
        await client.http.get("api/v1/shares/x/events"),
        await client.http.get("api/v1/shares/x/files/y"),
    ]
    assert [answer.json()["code"] for answer in answers] == ["unsupported"] * 6
    assert await client.socket().refused(share="x") == "unsupported"
    assert not (await client.http.get("api/v1/app")).json().get("sharing")


async def test_who_has_no_cookie_is_nobody_and_the_page_of_a_share_gives_one(start, app):
    server, _, _, _, share = await shared(start, app)
    stranger = await server.client()
    stranger.http.cookies.clear()
    assert (await stranger.http.get(api(share))).json()["code"] == "unauthenticated"
    page = await stranger.http.get(share["url"])
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert (await stranger.http.get(api(share))).status_code == 200
