"""Prose: answers as models write them, Markdown with code, in tokens of a few letters."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import AsyncIterator, Iterator

__all__ = ["LAST_WORD", "RICH_SECTION", "prose", "typed"]

LAST_WORD = "finis."  # of every answer, so that who watches knows that it is there
SECTION = """## Regions that lose

Most of it is **support**, not price: in both regions the time to first answer *doubled* in August, a month before
accounts began to leave. See [the tickets](https://example.com/tickets) and `accounts.closed_at`.

- Ask the **DACH** team for their roster
- Compare with the second quarter
  - by plan and by `account_age`
- Write to the owners

```python
def churn(accounts: list[Account], since: date) -> dict[str, float]:
    \"\"\"The share of accounts lost, by region.\"\"\"
    lost = Counter(one.region for one in accounts if one.closed_at and one.closed_at >= since)
    return {region: count / len(accounts) for region, count in lost.items()}  # a quarter at most
```

| Region | Lost | Churn |
| --- | ---: | ---: |
| DACH | 214 | 6.1 % |
| Nordics | 131 | 5.4 % |

> Churn that follows a backlog is usually won back within a quarter.

"""
RICH_SECTION = (
    SECTION
    + r"""The loss follows \(L(t) = L_0 e^{-kt}\), where $k = \frac{\ln 2}{t_{1/2}}$ and a seat is $5 to $10 a month:

$$
\begin{aligned}
\mathbb{E}[L] &= \sum_{i=1}^{n} p_i \ell_i \\
\operatorname{Var}(L) &= \sum_{i=1}^{n} p_i (1 - p_i) \ell_i^2
\end{aligned}
$$

| Quarter | Model | Error | Seats | Share | Owner |
| --- | --- | ---: | ---: | ---: | --- |
| Q1 | linear | 4.1 % | 1,204 | 31 % | Ada |
| Q2 | $e^{-kt}$ | 1.9 % | 1,377 | 35 % | Grace |
| Q3 | logistic | 2.2 % | 1,302 | 34 % | Hedy |

> [!NOTE]
> Errors are on the **last** quarter, which the models have not seen [1](https://example.com/errors "Errors").

"""
)
_TOKEN = re.compile(r"\s*[^\s]{1,6}")


def prose(count: int, section: str = SECTION) -> Iterator[str]:
    """An answer of `count` tokens. The last of them is a paragraph that says the last word."""
    tokens = itertools.chain.from_iterable(_TOKEN.findall(section) for _ in itertools.count())
    yield from itertools.islice(tokens, count - 1)
    yield f"\n```\n\n{LAST_WORD}" if _is_in_code(count - 1, section) else f"\n\n{LAST_WORD}"


async def typed(count: int, rate: float, section: str = SECTION) -> AsyncIterator[str]:
    """The same on a schedule: `rate` tokens a second."""
    start = time.monotonic()
    for number, token in enumerate(prose(count, section)):
        await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
        yield token


def _is_in_code(count: int, section: str) -> bool:
    """Whether the first `count` tokens leave a block of code open."""
    tokens = _TOKEN.findall(section)
    return "".join(tokens[: count % len(tokens)]).count("```") % 2 == 1
