"""The agent: a model, what it is told, and its tools."""

import os
from typing import Any

from langchain.agents import create_agent
from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import interrupt

SYSTEM = "You keep the stock of a small shop. Look things up before you answer, in Markdown, and briefly."

stock = {"lamps": 3, "chairs": 12, "tables": 0}
"""How many there are of each; a stand-in for a database."""


@tool
def look_up(item: str) -> str:
    """How many there are of an item, which is named in the plural; with `all`, of each."""
    if item == "all":
        return ", ".join(f"{count} {name}" for name, count in stock.items())
    return f"{stock[item]} {item}" if item in stock else f"There are no {item}; there are {', '.join(stock)}."


@tool
def order(item: str, count: int) -> str:
    """Order more of an item. A person is asked before."""
    if item not in stock or not 0 < count <= 100:
        return f"Only 1 to 100 of {', '.join(stock)} can be ordered."
    if interrupt({"question": f"Order {count} {item}?", "options": ["Yes", "No"]}) != "Yes":
        return "They do not want it: nothing was ordered."
    stock[item] += count
    return f"{count} {item} were ordered."


def build() -> Any:
    """A fresh agent, a graph of LangGraph's. It keeps where it stands while it waits for an answer."""
    return create_agent(chat_model(), [look_up, order], system_prompt=SYSTEM, checkpointer=InMemorySaver())


def chat_model() -> BaseChatModel:
    """Any model that LangChain knows, by its provider and name; install its package, too."""
    return init_chat_model(os.environ.get("MODEL", "openai:gpt-4.1-mini"), streaming=True)
