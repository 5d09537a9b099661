"""A kitchen that looks things up, writes at length and asks: the app behind the page in `src`.

Run it with: hypercorn app:site, after `npm install` and `npm run build`, then open /
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import convo
import convo_server
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

RECIPES = {
    "pancakes": "Mix flour, milk and eggs, wait ten minutes, and fry them thin.",
    "soup": "Fry onions until they are brown, add broth, and wait.",
}

app = convo.App()


@app.on_message
async def answer(message: convo.Message) -> AsyncIterator[str]:
    wanted = message.content.strip().lower()
    async with convo.Step("recipe book", type="tool") as step:
        step.input = wanted
        recipe = RECIPES.get(wanted)
        step.output = recipe or "Nothing."
    if recipe is None:
        wanted = await ask_what()
        recipe = RECIPES.get(wanted, "Then bread and butter.")
    for word in recipe.split():
        yield f"{word} "
        await asyncio.sleep(0.02)


async def ask_what() -> str:
    """Which recipe it shall be: the name of one, or nothing known when nobody says."""
    choice = await convo.AskActionMessage(
        "I do not know that one. What else?",
        actions=[convo.Action("cook", {"recipe": name}, label=name.capitalize()) for name in RECIPES],
        timeout=300,
    ).send()
    if choice is None:
        return ""
    guests = await convo.AskUserMessage("For whom?", timeout=300).send()
    if guests is not None:
        await convo.Message(f"For {guests['output']}, then.").send()
    return str(choice["payload"]["recipe"])


site = Starlette()
convo_server.mount(site, app, "/chat")
site.routes.append(Mount("/", StaticFiles(directory=Path(__file__).parent / "dist", html=True, check_dir=False)))
