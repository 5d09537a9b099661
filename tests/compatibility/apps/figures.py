"""Figures and tables."""

import chainlit as cl
import pandas as pd
import plotly.graph_objects as go


class Figure:
    """What the app needs of Matplotlib's figure."""

    def savefig(self, buffer, **options):
        buffer.write(b"\x89PNG\r\n\x1a\n" + b"0" * 64)


@cl.on_message
async def main(message: cl.Message):
    figure = go.Figure(data=[go.Bar(y=[2, 1, 3])], layout_title_text="An example")
    table = pd.DataFrame({"city": ["Rome"], "people": [2_800_000]})
    elements = [
        cl.Plotly(name="chart", figure=figure, display="inline"),
        cl.Pyplot(name="plot", figure=Figure(), display="inline", size="small"),
        cl.Dataframe(data=table, display="inline", name="Dataframe"),
    ]
    await cl.Message(content="This message has a chart", elements=elements).send()
