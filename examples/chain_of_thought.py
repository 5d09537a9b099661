"""Profiles decide who sees how an answer came about: nobody, the tools only, or every step.

Run it with: convo run examples/chain_of_thought.py
"""

import convo


@convo.set_chat_profiles
async def profiles() -> list[convo.ChatProfile]:
    return [
        convo.ChatProfile("Developer", "Shows every step.", default=True),
        convo.ChatProfile("Analyst", "Shows which tools were used.", config_overrides={"ui": {"cot": "tool_call"}}),
        convo.ChatProfile("Customer", "Shows answers only.", config_overrides={"ui": {"cot": "hidden"}}),
    ]


@convo.step(type="tool", icon="database")
async def find_orders(customer: str) -> list[dict[str, object]]:
    return [{"order": 4711, "customer": customer, "total": 129.9, "status": "shipped"}]


@convo.on_message
async def answer(message: convo.Message) -> None:
    async with convo.Step("Plan", type="llm", icon="brain", auto_collapse=True, default_open=True) as plan:
        plan.output = f"The customer is **{message.content}**. Never mention the internal margin of 12 %."
        orders = await find_orders(message.content)
        await convo.Message("I looked at your orders.").send()
    await convo.Message(f"Order {orders[0]['order']} is on its way.").send()
