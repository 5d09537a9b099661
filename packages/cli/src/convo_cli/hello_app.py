"""A tour of convo that needs no API key. Start it with: convo hello"""

import asyncio
import re
import time
from collections.abc import AsyncIterator

import convo

GREETING = """Hi! I am an app of about ninety lines. Say anything, or one of these:

- **steps**: nested steps, as an agent would show them
- **long**: one minute of text. Reload, open a second tab or press stop while it streams
- **slow**: a blocking `def`, which holds up nobody else
- **error**: what an exception looks like"""

ANSWER = """## You said: {said}

This is message **{turn}** of our chat; `user_session` keeps the count. What you see is *streamed Markdown*:

| try | and see |
| --- | --- |
| `steps` | work, timed and nested |
| `long` | a stream that a reload or a second tab joins |

```python
@convo.on_message
async def answer(message: convo.Message):
    await convo.Message(f"You said: {{message.content}}").send()
```"""


@convo.on_chat_start
async def greet() -> None:
    await convo.Message(GREETING).send()


@convo.on_message
async def answer(message: convo.Message) -> None:
    said = message.content.strip()
    turn = convo.user_session.get("turn", 0) + 1
    convo.user_session.set("turn", turn)
    match said.lower():
        case "long":
            await convo.Message().stream(count_to(1200))
        case "slow":
            await convo.make_async(time.sleep)(3)
            await convo.Message("A thread was busy for three seconds, and nobody else had to wait.").send()
        case "error":
            raise ValueError("You asked for an error. The chat goes on after it.")
        case "steps":
            await research()
            await convo.Message().stream(words("Rome is **11 °C** warmer. Open the steps to see how I know."))
        case _:
            async with convo.Step("Think"):
                await look_up("user_session", limit=3)
            await convo.Message().stream(words(ANSWER.format(said=said, turn=turn)))


async def research() -> None:
    async with convo.Step("Research"):
        await asyncio.gather(weather("Oslo"), weather("Rome"))
        async with convo.Step("Compare", type="llm") as thought:
            async for word in words("Both skies are clear, so only the temperature differs."):
                await thought.stream_token(word)


@convo.step(type="tool")
async def weather(city: str) -> dict[str, object]:
    await look_up(f"{city}, today", limit=1)
    await asyncio.sleep(len(city) / 4)
    return {"city": city, "celsius": 24 if city == "Rome" else 13, "sky": "clear"}


@convo.step(name="Look up", type="retrieval")
async def look_up(query: str, limit: int) -> list[dict[str, object]]:
    await asyncio.sleep(0.4)
    return [{"page": page, "about": query} for page in range(1, limit + 1)]


async def words(text: str) -> AsyncIterator[str]:
    for word in re.findall(r"\S+\s*", text):
        await asyncio.sleep(0.02)
        yield word


async def count_to(last: int) -> AsyncIterator[str]:
    for number in range(last):
        await asyncio.sleep(0.05)
        yield f"{number + 1} "
