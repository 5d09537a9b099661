"""A run to look at as a trace: an agent plans, searches in parallel and answers; its steps add up what models took.

Run it with: convo run examples/trace.py, ask about two cities, and open the trace from the steps or the answer.
"""

import asyncio

import convo


async def call_model(name: str, question: str, answer: str, *, tokens: int, seconds: float) -> str:
    """Stands for a call of a real model."""
    async with convo.Step(name, type="llm", icon="sparkles") as step:
        step.input = question
        await asyncio.sleep(seconds)
        step.output = answer
        step.generation = convo.ChatGeneration(
            provider="openai",
            model="gpt-4o",
            settings={"temperature": 0.2},
            messages=[convo.GenerationMessage(role="user", content=question)],
            message_completion=convo.GenerationMessage(role="assistant", content=answer),
            input_token_count=tokens,
            output_token_count=len(answer.split()),
            tt_first_token=seconds * 600,
            duration=seconds,
            cost=tokens * 2.5e-6,
        )
    return answer


@convo.step(type="retrieval", icon="search")
async def search(query: str) -> list[str]:
    await asyncio.sleep(0.01 * len(query))
    return [f"{query}: page {n}" for n in range(3)]


@convo.step(type="tool", icon="cloud-sun")
async def weather(city: str) -> str:
    await asyncio.sleep(0.05)
    if city == "Atlantis":
        raise LookupError(f"There is no weather of `{city}`.")
    return f"It is mild in {city}."


@convo.on_message
async def answer(message: convo.Message) -> None:
    city = message.content
    async with convo.Step("Travel agent", type="run", icon="bot") as agent:
        agent.input = city
        agent.metadata = {"plan": "guide", "language": "en"}
        await call_model("Plan", f"What to find out about {city}?", "Sights and weather.", tokens=420, seconds=0.2)
        found = await asyncio.gather(
            search(f"sights in {city}"), search(f"food in {city}"), weather(city), return_exceptions=True
        )
        facts = f"{city} has sights and food."
        if isinstance(found[2], str):
            facts += f" {found[2]}"
        agent.output = await call_model("Answer", f"Tell of {city}.", facts, tokens=1280, seconds=0.3)
    await convo.Message(agent.output).send()
