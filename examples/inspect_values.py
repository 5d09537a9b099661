"""Steps show values of every kind: JSON as a tree, code in colours, long texts in part, errors as such.

Run it with: convo run examples/inspect_values.py
"""

from dataclasses import dataclass, field

import convo


@dataclass
class Customer:
    name: str
    orders: list[dict[str, object]] = field(default_factory=list)


@convo.step(type="retrieval", icon="database")
async def load(count: int) -> list[Customer]:
    orders = [{"number": n, "total": n * 1.5, "note": None if n % 3 else "gift"} for n in range(8)]
    return [Customer(f"Customer {n}", orders) for n in range(count)]


@convo.step(type="tool", show_input="sql", language="markdown")
async def query(statement: str) -> str:
    step = convo.context.current_step
    assert step is not None
    step.input = statement
    return "| region | lost |\n|---|---|\n| DACH | 214 |\n| Nordics | 131 |"


@convo.step(type="tool")
async def read_log() -> str:
    return "\n".join(f"12:00:{n % 60:02d} request {n} took {n % 97} ms" for n in range(4000))


@convo.step(type="tool")
async def call_a_broken_service() -> None:
    raise ConnectionError("billing.internal answered 503 three times in a row.")


@convo.on_message
async def answer(message: convo.Message) -> None:
    async with convo.Step("Gather", icon="layers") as gather:
        customers = await load(int(message.content) if message.content.isdigit() else 3)
        await query("select region, count(*) as lost\nfrom accounts\ngroup by region")
        await read_log()
        try:
            await call_a_broken_service()
        except ConnectionError as error:
            gather.output = {"customers": len(customers), "billing": error}
    await convo.Message(f"Looked at {len(customers)} customers.").send()
