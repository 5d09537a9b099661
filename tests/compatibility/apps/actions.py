"""Buttons with payloads; each is taken away when it was clicked."""

import chainlit as cl


@cl.on_chat_start
async def start():
    actions = [
        cl.Action(
            name="action_button",
            icon="mouse-pointer-click",
            payload={"value": "example_value"},
            label="Click me!",
            tooltip="Try it",
        ),
        cl.Action(name="other", payload={}, label="Or me"),
    ]
    await cl.Message(content="Interact with this action button:", actions=actions).send()


@cl.action_callback("action_button")
async def on_action(action: cl.Action):
    await cl.Message(content=f"{action.label} {action.payload['value']}").send()
    await action.remove()
    return "done"


@cl.action_callback("other")
def on_other(action: cl.Action):
    raise ValueError("not that one")
