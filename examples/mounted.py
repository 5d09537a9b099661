"""A chat inside a Starlette (or FastAPI) application of your own.

Run it with: hypercorn examples/mounted.py:site, then open /chat
"""

import convo
import convo_server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

app = convo.App()


@app.on_message
async def answer(message: convo.Message) -> None:
    await convo.Message(f"You said: {message.content}").send()


async def home(request: Request) -> Response:
    return HTMLResponse('<a href="/chat/">Let us chat</a>')


site = Starlette(routes=[Route("/", home)])
convo_server.mount(site, app, "/chat")
