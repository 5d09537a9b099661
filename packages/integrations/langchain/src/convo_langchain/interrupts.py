"""LangGraph's interrupts as questions in the chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from convo import Action, AskActionMessage, AskUserMessage

__all__ = ["ask_interrupt", "run_graph"]

TIMEOUT = 3600.0


async def run_graph(
    graph: Any,
    input: Any,
    config: Mapping[str, Any] | None = None,
    *,
    ask: Callable[[Any], Awaitable[Any]] | None = None,
    **options: Any,
) -> Any:
    """Run a LangGraph graph to its end; what it asks by `interrupt(value)` is asked in the chat, and it resumes.

    The graph needs a checkpointer and `config` a `thread_id`, as for any interrupt. `ask` takes the value and returns
    the answer; by default that is `ask_interrupt`. `options` go to `graph.ainvoke`. Raises `TimeoutError` when nobody
    answers.
    """
    from langgraph.types import Command  # whoever has a graph has it

    ask = ask or ask_interrupt
    given = dict(config or {})
    result = await graph.ainvoke(input, given, **options)
    while getattr(graph, "checkpointer", None) and (pending := await _pending(graph, given)):
        answers = [await ask(interrupt.value) for interrupt in pending]
        resume: Any = answers[0]
        if len(pending) > 1:  # of parallel nodes: each is answered by its id
            resume = {_id(interrupt): answer for interrupt, answer in zip(pending, answers, strict=True)}
        result = await graph.ainvoke(Command(resume=resume), given, **options)
    return result


async def ask_interrupt(value: Any, *, timeout: float = TIMEOUT) -> Any:
    """Ask in the chat what an interrupt asks; returns the answer.

    A text, or the `question` (or `text`, `message`) of a dict, is asked as it is; with `options` (or `choices`), there
    is a button for each. Anything else is shown as JSON. Raises `TimeoutError`.
    """
    question, options = _question(value)
    if options:
        actions = [
            Action(name="option", label=str(one), payload={"option": number}) for number, one in enumerate(options)
        ]
        chosen = await AskActionMessage(question, actions, timeout=timeout, raise_on_timeout=True).send()
        if chosen is None:
            raise TimeoutError("The question was not answered.")
        return options[chosen["payload"]["option"]]
    answer = await AskUserMessage(question, timeout=timeout, raise_on_timeout=True).send()
    if answer is None:
        raise TimeoutError("The question was not answered.")
    return answer["output"]


def _question(value: Any) -> tuple[Any, list[Any]]:
    if not isinstance(value, Mapping):
        return value if isinstance(value, str) else {"value": value}, []
    lists = (value[key] for key in ("options", "choices") if isinstance(value.get(key), list | tuple))
    options: list[Any] = list(next(lists, []))
    text = next((value[key] for key in ("question", "text", "message") if isinstance(value.get(key), str)), None)
    return text if text is not None else dict(value), options


async def _pending(graph: Any, config: dict[str, Any]) -> list[Any]:
    state = await graph.aget_state(config)
    return [interrupt for task in state.tasks for interrupt in task.interrupts]


def _id(interrupt: Any) -> str:
    found: str = getattr(interrupt, "id", None) or interrupt.interrupt_id
    return found
