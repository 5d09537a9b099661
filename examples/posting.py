"""A web route writes into a chat that is open somewhere, or stored: `app.thread(id)`.

Run it with: hypercorn examples/posting.py:site, then open /chat, say something, and open the link it answers with
"""

import asyncio

import convo
import convo_server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

app = convo.App()


@app.on_message
async def answer(message: convo.Message) -> None:
    thread_id = convo.context.session.thread_id
    await convo.Message(f"A job has begun. [It is done](/jobs/{thread_id}/done) when you open this link.").send()


async def job_done(request: Request) -> Response:
    thread_id = request.path_params["thread_id"]
    async with app.thread(thread_id):
        async with convo.Step("Report", type="tool") as step:
            step.output = {"rows": 24_310, "failed": 3}
            step.elements = [convo.File("report.csv", content="region,lost\nDACH,214\n", mime="text/csv")]
        await convo.Message("The report is ready.").send()
        await convo.context.emitter.send_toast("Report ready", "success")
    await asyncio.to_thread(add_a_note, thread_id)
    return PlainTextResponse("Told.")


def add_a_note(thread_id: str) -> None:
    """Blocking code, in a thread of its own."""
    with app.thread(thread_id):
        convo.run_sync(convo.Message("It was also filed.").send())


site = Starlette(routes=[Route("/jobs/{thread_id}/done", job_done)])
convo_server.mount(site, app, "/chat")
