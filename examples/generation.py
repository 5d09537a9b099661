"""A generation says which model was asked what, and what it took: tokens, time, cost.

Run it with: convo run examples/generation.py
"""

import asyncio
import time

import convo

SYSTEM = convo.GenerationMessage(role="system", content="You are a travel guide. Answer in one sentence.")
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"city": {"type": "string"}}}}]


@convo.step(name="gpt-4o", type="llm", icon="sparkles", show_input=False)
async def ask_the_model(question: str) -> str:
    """Stands for a call of a real model."""
    step = convo.context.current_step
    assert step is not None
    began = time.perf_counter()
    words = f"You asked about **{question}**: go there in spring.".split(" ")
    first = 0.0
    for word in words:
        await asyncio.sleep(0.01)
        first = first or time.perf_counter() - began
        await step.stream_token(word + " ")
    duration = time.perf_counter() - began
    step.generation = convo.ChatGeneration(
        provider="openai",
        model="gpt-4o",
        settings={"temperature": 0.2, "max_tokens": 200, "stop": ["\n\n"]},
        tools=TOOLS,
        messages=[SYSTEM, convo.GenerationMessage(role="user", content=question)],
        message_completion=convo.GenerationMessage(role="assistant", content=step.output),
        input_token_count=1204,
        output_token_count=len(words),
        tt_first_token=first * 1000,
        duration=duration,
        cost=0.0031,
    )
    return step.output


@convo.on_message
async def answer(message: convo.Message) -> None:
    await convo.Message(await ask_the_model(message.content)).send()
