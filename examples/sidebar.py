"""The panel beside the chat, opened, filled and closed by the app.

Run it with: convo run examples/sidebar.py
"""

import convo

PRICES = {"bread": 3.2, "milk": 1.4, "tea": 4.5}


@convo.on_chat_start
async def start() -> None:
    convo.user_session.set("cart", [])
    await convo.Message(f"We have {', '.join(PRICES)}. Say what you want, or `pay`.").send()


@convo.on_message
async def shop(message: convo.Message) -> None:
    cart: list[str] = convo.user_session.get("cart")
    if message.content == "pay":
        await convo.ElementSidebar.set_elements([])
        await convo.Message(f"That is {sum(PRICES[item] for item in cart):.2f}. Thank you!").send()
        cart.clear()
        return
    wanted = [item for item in PRICES if item in message.content]
    cart += wanted
    bill = "\n".join(f"- {item}: {PRICES[item]:.2f}" for item in cart) or "It is empty."
    await convo.ElementSidebar.set_title("Your cart")
    await convo.ElementSidebar.set_elements([convo.Text("cart", content=bill)])
    await convo.Message(f"{len(wanted)} more in your cart.").send()
