"""Everything the text of an answer can be.

convo run examples/markdown.py

Ask for `math`, `diagram`, `table`, `code`, `notes` or `sources`, or for anything else to see it all. The text is
written as a model would write it, piece by piece.
"""

import asyncio
from collections.abc import AsyncIterator

import convo

PARTS = {
    "math": r"""
## Math

Within a line \(e^{i\pi} + 1 = 0\) or $a^2 + b^2 = c^2$, and never a price: tickets are $5 and $10.

$$
\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}
$$

\[
\begin{aligned}
\nabla \cdot \mathbf{E} &= \frac{\rho}{\varepsilon_0} &
\nabla \times \mathbf{E} &= -\frac{\partial \mathbf{B}}{\partial t}
\end{aligned}
\]
""",
    "diagram": """
## Diagrams

```mermaid
flowchart LR
  question([Question]) --> search[Search the tickets]
  search --> enough{Enough?}
  enough -- yes --> answer([Answer])
  enough -- no --> ask[Ask back] --> search
```
""",
    "table": """
## Tables

| Region | Lost | Churn | First answer | Account manager | Next review |
| --- | ---: | ---: | ---: | --- | --- |
| DACH | 214 | 6.1 % | 19 h | Ada Lovelace | 1 December |
| Nordics | 131 | 5.4 % | 17 h | Grace Hopper | 3 December |
| Iberia | 38 | 1.2 % | 4 h | Hedy Lamarr | 9 January |
""",
    "code": '''
## Code

```python title="churn.py"
def churn(accounts: list[Account], since: date) -> float:
    """The share of accounts lost."""
    return sum(one.closed_at >= since for one in accounts) / len(accounts)
```

- [x] Load the table
- [ ] Send the notes to the owners
''',
    "notes": """
## Callouts

> [!NOTE]
> Both regions lost their *support lead* in July.

> [!WARNING] Mind the sample
> Iberia has 38 accounts, which is too few to tell.

<details>
<summary>How this was counted</summary>

An account is lost when it was **closed within the quarter**:

```sql
select count(*) from accounts where closed_at >= '2026-07-01'
```

</details>
""",
    "sources": """
## Sources

Churn follows the backlog within a quarter [1](https://example.com/backlog "Backlog and churn, 2025"), support costs
less than it saves [2](https://example.com/costs), and both are old news.[^news]

[^news]: Older than most of the accounts: the *first* study is from 1998. It is worth its
    [forty pages](https://example.com/first-study).
""",
}


@convo.on_message
async def answer(message: convo.Message) -> None:
    wanted = [part for name, part in PARTS.items() if name in message.content.lower()]
    await convo.Message().stream(written("\n".join(wanted or PARTS.values()).strip()))


async def written(text: str) -> AsyncIterator[str]:
    for start in range(0, len(text), 7):
        yield text[start : start + 7]
        await asyncio.sleep(0.005)
