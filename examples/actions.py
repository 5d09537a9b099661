"""Actions are buttons below a message; a click runs the callback of their name.

Run it with: convo run examples/actions.py
"""

import asyncio

import convo


@convo.on_chat_start
async def offer() -> None:
    await convo.Message(
        "What shall I do?",
        actions=[
            convo.Action("greet", {"name": "Ada"}, label="Greet Ada", tooltip="Says hello", icon="hand"),
            convo.Action("break", label="Break something", icon="bomb"),
            convo.Action("leave", label="Go away"),
        ],
    ).send()


@convo.action_callback("greet")
async def greet(action: convo.Action) -> dict[str, str]:
    await asyncio.sleep(0.5)
    await convo.Message(f"Hello {action.payload['name']}!").send()
    return {"greeted": action.payload["name"]}


@convo.action_callback("break")
def fail(action: convo.Action) -> None:
    raise RuntimeError("It is broken now.")


@convo.action_callback("leave")
async def leave(action: convo.Action) -> None:
    await action.remove()
