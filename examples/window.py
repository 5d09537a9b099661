"""A chat inside another page: messages both ways, and functions of that page which the app calls.

`docs/embedding.md` shows the page. Run it with: convo run examples/window.py
"""

from typing import Any

import convo


@convo.on_window_message
async def notice(data: Any) -> None:
    """What the page around the chat has posted."""
    await convo.Message(f"The page says: `{data}`").send()
    await convo.send_window_message({"received": data})


@convo.on_message
async def answer(message: convo.Message) -> None:
    emitter = convo.context.emitter
    await emitter.update_token_count(len(message.content.split()))
    if message.content.startswith("add "):
        add = convo.CopilotFunction(name="addToCart", args={"item": message.content.removeprefix("add ")})
        try:
            count = await add.acall(timeout=60)
        except convo.CallFailed as error:
            await convo.Message(f"The shop could not do that: {error.reason}").send()
            return
        await emitter.send_toast("Your cart has changed.", "success")
        await convo.Message(f"There are {count} things in your cart now.").send()
        return
    await convo.Message("Say `add` and what you want to buy.").send()
