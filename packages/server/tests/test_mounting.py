"""An app in another one: endpoints of that one, and an author's own beside the chat, know who asks and read threads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import anyio
import convo
import httpx
import pytest
from convo.principal import Principal
from convo.session import Session
from convo.thread import ThreadDict
from convo_server import Dependencies, create_app, current_principal, current_session, current_thread, mount
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

SETTINGS = {"server": {"headless": True}, "data": {"url": "memory"}}


def chat(answer: str) -> convo.App:
    app = convo.App()
    app.on_message(lambda message: convo.Message(answer).send())
    return app


@asynccontextmanager
async def browser(site: Any) -> AsyncIterator[httpx.AsyncClient]:
    """One that visits a site, which runs meanwhile."""
    transport = httpx.ASGITransport(site)
    async with site.router.lifespan_context(site), httpx.AsyncClient(transport=transport, base_url="http://test") as it:
        yield it


async def begin(http: httpx.AsyncClient, root: str = "/chat") -> str:
    """Open the page, and a thread."""
    await http.get(f"{root}/")
    thread: str = (await http.post(f"{root}/api/v1/threads")).json()["thread"]
    return thread


def shop(app: convo.App, **mounted: Any) -> FastAPI:
    """A site with endpoints of its own around a chat."""
    site = FastAPI()

    @site.get("/who")
    async def who(principal: Annotated[Principal, Depends(current_principal)]) -> dict[str, Any]:
        return {"id": principal.id, "name": principal.user and principal.user.identifier}

    @site.get("/orders/{thread_id}")
    def orders(thread: Annotated[ThreadDict, Depends(current_thread)]) -> list[str]:
        return [step["output"] for step in thread["steps"] if step["type"] != "run"]

    @site.post("/orders/{thread_id}")
    async def order(session: Annotated[Session, Depends(current_session)]) -> str:
        async with app.thread(session.thread_id):
            convo.user_session.set("ordered", True)
            await convo.Message("It is ordered.").send()
        return session.thread_id

    mount(site, app, "/chat", SETTINGS, **mounted)
    return site


async def test_endpoints_of_the_parent_know_who_chats_and_write_into_their_threads():
    async with browser(shop(chat("hello"), cookie_path="/")) as http:
        unknown = await http.get("/who")
        assert (unknown.status_code, "does not know who you are" in unknown.json()["detail"]) == (401, True)
        thread = await begin(http)
        me = (await http.get("/who")).json()
        assert (me["name"], (await http.get("/who")).json()) == (None, me)
        assert (await http.post(f"/orders/{thread}")).json() == thread
        assert (await http.get(f"/orders/{thread}")).json() == ["It is ordered."]
        for refused in (await http.get("/orders/another"), await http.post("/orders/another")):
            assert (refused.status_code, "not yours" in refused.json()["detail"]) == (404, True)
        http.cookies.clear()
        await http.get("/chat/")
        assert (await http.get("/who")).json()["id"] != me["id"]
        assert (await http.get(f"/orders/{thread}")).status_code == 404
        assert (await http.post(f"/orders/{thread}")).status_code == 404


async def test_a_page_of_another_origin_makes_no_endpoint_of_the_parent_answer():
    async with browser(shop(chat("hello"), cookie_path="/")) as http:
        thread = await begin(http)
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert (await http.post(f"/orders/{thread}", headers=headers)).status_code == 401
        assert (await http.get(f"/orders/{thread}")).json() == []


async def test_a_user_who_logs_in_to_the_chat_is_known_to_the_site_until_he_logs_out():
    app = chat("hello")
    app.password_auth_callback(lambda name, password: convo.User(name) if password == "sesame" else None)
    app.settings = {"auth": {"secret": "a secret of more than thirty-two characters"}}
    async with browser(shop(app, cookie_path="/")) as http:
        await http.post("/chat/api/v1/auth/login", json={"username": "ann", "password": "sesame"})
        assert (await http.get("/who")).json()["name"] == "ann"
        made = (await http.post("/chat/api/v1/auth/tokens", json={"label": "script"})).json()
        await http.post("/chat/api/v1/auth/logout")
        assert (await http.get("/who")).status_code == 401
        by_token = await http.get("/who", headers={"Authorization": f"Bearer {made['token']}"})
        assert by_token.json()["name"] == "ann"


async def test_what_the_parent_answers_stays_the_parent_s():
    async with browser(shop(chat("hello"))) as http:
        assert (await http.get("/nothing")).json() == {"detail": "Not Found"}
        assert (await http.get("/chat/nothing")).json()["code"] == "not-found"
        assert (await http.delete("/who")).status_code == 405
        assert "/chat" not in "".join((await http.get("/openapi.json")).json()["paths"])
        page = await http.get("/chat/")
        assert "path=/chat" in page.headers["set-cookie"].lower()
        assert (await http.get("/who")).status_code == 401  # the cookie is for the chat alone


async def test_two_chats_in_one_site_know_nothing_of_each_other():
    first, second = chat("first"), chat("second")
    site = Starlette()
    one = Dependencies(mount(site, first, "/one", SETTINGS, cookie_path="/"))
    two = Dependencies(mount(site, second, "/two", SETTINGS, cookie_path="/"))

    async def who(request: Request) -> Response:
        return JSONResponse([(await one.principal(request)).id, (await two.principal(request)).id])

    async def whoever(request: Request) -> Response:
        return JSONResponse((await current_principal(request)).id)

    site.add_route("/who", who)
    site.add_route("/whoever", whoever)
    async with browser(site) as http:
        thread = await begin(http, "/one")
        assert (await http.get("/who")).status_code == 401  # the second has not seen him
        assert (await http.get(f"/two/api/v1/threads/{thread}")).status_code == 401
        await begin(http, "/two")
        assert (await http.get(f"/two/api/v1/threads/{thread}")).status_code == 404
        assert (await http.get(f"/one/api/v1/threads/{thread}")).status_code == 200
        ids = (await http.get("/who")).json()
        assert len({*ids}) == 2
        assert sorted(http.cookies) == ["convo-80-one", "convo-80-two"]
        with pytest.raises(RuntimeError, match="2 convo apps are mounted here"):
            await http.get("/whoever")


async def test_an_author_s_routes_are_served_beside_the_chat():
    app = chat("hello")

    async def mine(request: Request) -> Response:
        thread = await current_thread(request, request.path_params["thread_id"])
        return JSONResponse({"id": thread["id"], "by": (await current_principal(request)).id})

    inner = FastAPI()

    @inner.get("/who")
    async def who(principal: Annotated[Principal, Depends(current_principal)]) -> str:
        return principal.id

    app.routes += [
        Route("/mine/{thread_id}", mine),
        Route("/health", lambda request: PlainTextResponse("not ours to answer")),
        Mount("/extra", inner),
    ]
    for root in ("", "/chat"):
        site = create_app(app, SETTINGS) if not root else shop(app)
        async with browser(site) as http:
            refused = await http.get(f"{root}/mine/x")
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
            thread = await begin(http, root)
            answer = await http.get(f"{root}/mine/{thread}")
            assert answer.json()["id"] == thread
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert (await http.get(f"{root}/extra/who")).json() == answer.json()["by"]
            assert (await http.get(f"{root}/mine/x")).json()["code"] == "not-found"
            assert (await http.post(f"{root}/mine/{thread}")).status_code == 405
            assert (await http.post(f"{root}/api/v1/app")).status_code == 405
            assert (await http.get(f"{root}/health")).json() == {"status": "ok"}
            assert (await http.get(f"{root}/nothing")).json()["code"] == "not-found"


async def test_a_reload_brings_the_new_app_s_routes():
    old = chat("old")
    old.routes.append(Route("/old", lambda request: PlainTextResponse("old")))
    web = create_app(old, SETTINGS)
    async with browser(web) as http:
        new = chat("new")
        new.routes.append(Route("/new", lambda request: PlainTextResponse("new")))
        new.configure(flags=SETTINGS)
        await web.state.host.swap(new)
        assert (await http.get("/new")).text == "new"
        assert (await http.get("/old")).status_code == 404
        broken = chat("broken")
        broken.routes.append("/broken")
        broken.configure(flags=SETTINGS)
        with pytest.raises(convo.ConfigError, match="not a `str`"):
            await web.state.host.swap(broken)


def living(name: str, seen: list[str]) -> Mount:
    """An app that says when it begins and ends, and needs to be in one task from then to then."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        async with anyio.create_task_group():
            seen.append(f"{name} begins")
            if name == "broken":
                raise RuntimeError("no database")
            yield {"name": name}
        seen.append(f"{name} ends")

    app = FastAPI(lifespan=lifespan)
    app.add_route("/name", lambda request: PlainTextResponse(request.state.name))
    return Mount("/extra", app)


async def test_a_mounted_app_lives_as_long_as_the_one_it_is_in():
    seen: list[str] = []
    old = chat("old")
    old.routes.append(Mount("/deep", routes=[living("old", seen)], middleware=[Middleware(GZipMiddleware)]))
    old.on_app_startup(lambda: seen.append("startup"))
    old.on_app_shutdown(lambda: seen.append("shutdown"))
    web = create_app(old, SETTINGS)
    async with browser(web) as http:
        assert (await http.get("/deep/extra/name")).text == "old"
        broken, new = chat("broken"), chat("new")
        broken.routes.append(living("broken", seen))
        new.routes.append(living("new", seen))
        for app in (broken, new):
            app.configure(flags=SETTINGS)
        with pytest.raises(ExceptionGroup):
            await web.state.host.swap(broken)
        assert (await http.get("/deep/extra/name")).text == "old"
        await web.state.host.swap(new)
        assert (await http.get("/extra/name")).text == "new"
    assert seen == [
        *("old begins", "startup", "broken begins", "new begins"),
        *("shutdown", "old ends", "new ends"),
    ]


async def test_a_server_does_not_start_without_a_mounted_app():
    app, seen = chat("hello"), list[str]()
    app.routes += [living("good", seen), living("broken", seen)]
    with pytest.raises(ExceptionGroup) as failure:
        async with browser(create_app(app, SETTINGS)):
            pass
    assert failure.group_contains(RuntimeError, match="no database")
    assert seen == ["good begins", "broken begins"]


def test_a_web_socket_of_the_author_s_knows_who_asks():
    app = chat("hello")

    async def listen(socket: WebSocket) -> None:
        principal = await current_principal(socket)
        await socket.accept()
        await socket.send_text(principal.id)
        await socket.close()

    app.routes.append(WebSocketRoute("/listen", listen))
    with TestClient(create_app(app, SETTINGS)) as http:
        http.get("/")
        with http.websocket_connect("/listen") as socket:
            assert len(socket.receive_text()) > 10


def test_a_cookie_that_would_not_reach_the_chat_is_refused():
    with pytest.raises(convo.ConfigError, match="has to be the path of the mount"):
        mount(Starlette(), chat("hello"), "/chat", SETTINGS, cookie_path="/other")
    alone = Starlette(routes=[Route("/", current_principal)])
    with pytest.raises(RuntimeError, match="puts it into the app"), TestClient(alone) as http:
        http.get("/")
