"""An MCP server for the tests: `python weather.py [stdio|http|sse] [port]`."""

import os
import sys
from typing import Any, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.shared.exceptions import UrlElicitationRequiredError
from mcp_types import ElicitRequestURLParams, SamplingMessage, TextContent
from pydantic import BaseModel, Field

server = MCPServer("weather")
_paid: set[str] = set()


class Trip(BaseModel):
    city: str = Field(description="Where to")
    days: int = Field(ge=1, le=14)
    season: Literal["summer", "winter"]
    insured: bool = False


@server.tool()
def forecast(city: str) -> str:
    """What the weather will be."""
    return f"Rain in {city}."


@server.tool()
def broken() -> str:
    """Does not work."""
    raise ValueError("no thermometer")


@server.tool()
def crash() -> str:
    """Takes the server with it."""
    os._exit(3)


@server.tool()
def number() -> int:
    """The id of its process."""
    return os.getpid()


@server.tool()
def variable(city: str) -> str:
    """What is in its environment."""
    return os.environ.get(city, "-")


@server.tool()
async def plan(ctx: Context) -> str:
    """Asks the user."""
    result = await ctx.elicit("Where do you go?", Trip)
    return f"{result.action}: {result.data.model_dump() if result.action == 'accept' else '-'}"


@server.tool()
async def visit(city: str, ctx: Context) -> str:
    """Sends the user to an address."""
    result = await ctx.elicit_url("Please pay for the forecast.", city, "payment-1")
    return result.action


@server.tool()
def pay(city: str) -> str:
    """Works once the user was somewhere."""
    if city not in _paid:
        _paid.add(city)
        asked = [ElicitRequestURLParams(message="Please pay.", url=f"https://pay.example/{city}", elicitation_id="1")]
        raise UrlElicitationRequiredError(asked)
    return f"Sun in {city}."


@server.tool()
async def rhyme(ctx: Context) -> str:
    """Asks the app's model."""
    asked = [SamplingMessage(role="user", content=TextContent(type="text", text="rain"))]
    answer: Any = await ctx.session.create_message(asked, max_tokens=10)
    return str(answer.content.text)


@server.resource("weather://stations")
def stations() -> str:
    """Where it is measured."""
    return "Kiel"


@server.prompt()
def ask_for(city: str) -> str:
    """A question."""
    return f"How is the weather in {city}?"


if __name__ == "__main__":
    print("a secret of the server", file=sys.stderr, flush=True)
    match sys.argv[1:]:
        case ["http", port]:
            server.run("streamable-http", port=int(port))
        case ["sse", port]:
            server.run("sse", port=int(port))
        case _:
            server.run()
