"""Steps show how an answer came about: they nest, are timed, and carry input and output.

Run it with: convo run examples/steps.py
"""

import asyncio

import convo

PRICES = {"apple": 0.5, "bread": 3.2, "coffee": 6.9}


@convo.step(type="tool")
async def look_up_price(item: str) -> dict[str, object]:
    await asyncio.sleep(0.2)
    if item not in PRICES:
        raise KeyError(f"Nobody sells {item}.")
    return {"item": item, "price": PRICES[item], "currency": "EUR"}


@convo.on_message
async def answer(message: convo.Message) -> None:
    async with convo.Step("Shop", type="tool") as shop:
        shop.input = message.content
        found = await asyncio.gather(*map(look_up_price, message.content.split()), return_exceptions=True)
        prices = [result for result in found if isinstance(result, dict)]
        shop.output = prices
    total = sum(PRICES[str(price["item"])] for price in prices)
    await convo.Message(f"{len(prices)} of {len(found)} found, {total:.2f} EUR together.").send()
