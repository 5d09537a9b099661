"""The history of a visitor by plain HTTP, and what his other tabs hear of it."""

from __future__ import annotations

import convo
import pytest
from convo.memory import MemoryDataLayer


class Kept(MemoryDataLayer):
    is_durable = True


@pytest.fixture
def app() -> convo.App:
    app = convo.App(data_layer=Kept())

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message(f"You said {message.content}.").send()

    return app


async def test_threads_are_listed_found_renamed_deleted_and_restored(start, app):
    client = await (await start(app)).client()
    tab, other = await client.socket().connect(), await client.socket().connect()
    await tab.ask("tea or coffee")
    await other.until(lambda: other.has("thread-listed"))
    thread = tab.hello["thread"]
    url = f"api/v1/threads/{thread}"
    listed = (await client.http.get("api/v1/threads")).json()
    assert [one["name"] for one in listed["threads"]] == ["tea or coffee"]
    assert "cursor" not in listed
    found = (await client.http.get("api/v1/threads/search", params={"q": "COFFEE"})).json()["findings"]
    assert (found[0]["thread"]["id"], found[0]["marks"]) == (thread, [[7, 13]])
    changed = await client.http.patch(url, json={"name": "Drinks", "pinned": True})
    assert (changed.json()["name"], changed.json()["pinned"]) == ("Drinks", True)
    await tab.until(lambda: tab.has("thread-patched"))
    await other.until(lambda: _listed(other).get("pinned", False))
    assert (await client.http.get("api/v1/threads?pinned=false")).json()["threads"] == []
    removal = (await client.http.delete(url)).json()
    assert (removal["id"], removal["name"]) == (thread, "Drinks")
    await tab.until(lambda: tab.has("session-ended"))
    await other.until(lambda: other.has("thread-unlisted"))
    assert (await client.http.get(url)).status_code == 404
    assert (await client.http.post(f"{url}/restore")).json()["name"] == "Drinks"
    assert (await client.http.get(url)).status_code == 200


def _listed(tab):
    """The thread that was listed last."""
    events = [event for _, frame in tab.frames for event in frame.get("events", ())]
    return next((event["thread"] for event in events[::-1] if event["kind"] == "thread-listed"), {})


async def test_favourites_of_all_threads_come_by_pages(start, app):
    server = await start(app, features={"favorites": True})
    client, stranger = await server.client(), await server.client()
    for number in range(3):
        tab = await client.socket().connect()
        await tab.ask(f"say {number} again")
        said = next(one["step"] for one in tab.events if one["kind"] == "step-opened" and one["step"].get("by"))
        assert (await tab.command("favourite", stepId=said["id"], on=True))["ok"]
        saved = [one["seq"] for one in tab.events if one["kind"] == "save-progressed"]
        await tab.until(lambda tab=tab, saved=saved: _last_saved(tab) > max(saved, default=0))
    page = (await client.http.get("api/v1/favourites?first=2")).json()
    assert [one["text"] for one in page["favourites"]] == ["say 2 again", "say 1 again"]
    assert (page["favourites"][0]["threadId"], page["favourites"][0]["stepId"]) == (tab.hello["thread"], said["id"])
    rest = (await client.http.get("api/v1/favourites", params={"first": "2", "cursor": page["cursor"]})).json()
    assert [one["text"] for one in rest["favourites"]] == ["say 0 again"]
    assert "cursor" not in rest
    assert (await stranger.http.get("api/v1/favourites")).json()["favourites"] == []
    assert (await client.http.get("api/v1/favourites?first=0")).status_code == 400
    await client.http.delete(f"api/v1/threads/{tab.hello['thread']}")
    assert len((await client.http.get("api/v1/favourites")).json()["favourites"]) == 2


def _last_saved(tab):
    return max((one["seq"] for one in tab.events if one["kind"] == "save-progressed"), default=0)


async def test_pages_follow_their_cursor(start, app):
    client = await (await start(app)).client()
    for number in range(3):
        tab = await client.socket().connect()
        await tab.ask(f"chat {number}")
        await tab.until(lambda tab=tab: tab.hello["thread"] == _listed(tab).get("id"))
    seen, cursor = [], None
    for _ in range(3):
        params = {"first": "1"} | ({} if cursor is None else {"cursor": cursor})
        page = (await client.http.get("api/v1/threads", params=params)).json()
        seen += [one["name"] for one in page["threads"]]
        cursor = page.get("cursor")
    assert seen == ["chat 2", "chat 1", "chat 0"]
    assert cursor is None


async def test_what_is_anothers_or_nonsense_is_refused(start, app):
    server = await start(app)
    client, stranger = await server.client(), await server.client()
    tab = await client.socket().connect()
    await tab.ask("mine")
    url = f"api/v1/threads/{tab.hello['thread']}"
    for response, status in (
        (await stranger.http.patch(url, json={"name": "yours"}), 404),
        (await stranger.http.delete(url), 404),
        (await stranger.http.post(f"{url}/restore"), 404),
        (await client.http.patch(url, json={"owner": "me"}), 400),
        (await client.http.patch(url, json={"name": 7}), 400),
        (await client.http.patch(url, content=b"{"), 400),
        (await client.http.get("api/v1/threads?first=0"), 400),
        (await client.http.get("api/v1/threads?first=101"), 400),
        (await client.http.get("api/v1/threads?first=x"), 400),
        (await client.http.get("api/v1/threads?pinned=maybe"), 400),
        (await client.http.get("api/v1/threads/search", params={"q": "x" * 1001}), 413),
        (await client.http.get("api/v1/threads?cursor=nonsense"), 200),
    ):
        assert response.status_code == status, response.text
    assert (await stranger.http.get("api/v1/threads")).json()["threads"] == []
    assert (await client.http.get(url)).json()["state"]["thread"]["name"] == "mine"
