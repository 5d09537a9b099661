"""Tools of an MCP server: connected by the plug, allowed by the user, shown as steps. This file is the server, too.

Run it with: convo run examples/tool_server.py
"""

import sys

import convo

SERVER = {
    "command": sys.executable,
    "args": [__file__, "serve"],
    "description": "How long, and how warm, in other units",
    "tools": {"list_units": "allow"},
}

app = convo.App({"mcp": {"servers": {"units": SERVER}}})


@app.on_message
async def answer(message: convo.Message) -> None:
    sessions = convo.context.session.mcp_sessions
    if "units" not in sessions:
        await convo.Message("Connect `units` first: it is behind the plug.").send()
        return
    session, _ = sessions["units"]
    number, _, unit = message.content.partition(" ")
    try:
        call = ("convert", {"value": float(number), "unit": unit.strip()})
    except ValueError:
        call = ("list_units", {})
    result = await session.call_tool(*call)
    await convo.Message(result.content[0].text).send()


def serve() -> None:
    from mcp.server.mcpserver import MCPServer

    factors = {"mile": (1.609344, "km"), "foot": (0.3048, "m"), "pound": (0.45359237, "kg")}
    server = MCPServer("units")

    @server.tool()
    def convert(value: float, unit: str) -> str:
        """Say a value of another unit in the metric one."""
        factor, metric = factors[unit]
        return f"{value:g} {unit} = {value * factor:.2f} {metric}"

    @server.tool()
    def list_units() -> str:
        """Which units there are."""
        return f"Write a number and one of {', '.join(factors)}."

    @server.resource("units://factors")
    def table() -> dict[str, float]:
        """By how much each unit is multiplied."""
        return {unit: factor for unit, (factor, _) in factors.items()}

    server.run()


if __name__ == "__main__" and sys.argv[1:] == ["serve"]:
    serve()
