"""Figures of Plotly, in the colours of the app unless they have their own.

Needs: pip install plotly
Run it with: convo run examples/plotly_charts.py
"""

import convo
import plotly.graph_objects as go

QUARTERS = ["Q1", "Q2", "Q3", "Q4"]


@convo.on_message
async def show(message: convo.Message) -> None:
    if message.content == "tree":
        await convo.Message("What it is made of.", elements=[convo.Plotly("costs", figure=draw_costs())]).send()
        return
    elements = [
        convo.Plotly("sales", figure=draw_sales()),
        convo.Plotly("weather", figure=draw_weather(), size="small"),
    ]
    await convo.Message(
        "Sales, and the weather they were made in. Say `tree` for what they cost.", elements=elements
    ).send()


def draw_sales() -> go.Figure:
    figure = go.Figure(layout={"title": "Sales by quarter", "yaxis": {"title": "kEUR"}})
    figure.add_bar(name="North", x=QUARTERS, y=[20, 14, 23, 31])
    figure.add_bar(name="South", x=QUARTERS, y=[12, 18, 29, 17])
    return figure


def draw_weather() -> go.Figure:
    """With colours of its own, which stay."""
    figure = go.Figure(layout={"template": "plotly_dark", "title": "Days of rain"})
    figure.add_scatter(name="rain", x=QUARTERS, y=[31, 24, 12, 28], mode="lines+markers")
    return figure


def draw_costs() -> go.Figure:
    figure = go.Figure(layout={"title": "Costs"})
    figure.add_treemap(
        labels=["all", "pay", "rent", "travel"], parents=["", "all", "all", "all"], values=[0, 70, 20, 10]
    )
    return figure
