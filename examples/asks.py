"""A callback can ask: for a text, a choice or a file. It waits; a reload or a second tab changes nothing.

Run it with: convo run examples/asks.py
"""

import convo


@convo.on_chat_start
async def order() -> None:
    name = await convo.AskUserMessage("What is your name?", timeout=300).send()
    if name is None:
        await convo.Message("Then another time.").send()
        return
    drink = await convo.AskActionMessage(
        f"Hello {name['output']}, what will it be?",
        actions=[
            convo.Action("coffee", {"price": 3}, label="Coffee", icon="coffee"),
            convo.Action("tea", {"price": 2}, label="Tea", icon="leaf"),
        ],
        timeout=300,
    ).send()
    if drink is None:
        await convo.Message("Nothing, then.").send()
        return
    files = await convo.AskFileMessage(
        "Please show me your voucher.", accept=["image/*", "application/pdf"], max_size_mb=5, timeout=300
    ).send()
    paid = "on the house" if files else f"{drink['payload']['price']} EUR"
    await convo.Message(f"One {drink['label'].lower()}, {paid}.").send()
