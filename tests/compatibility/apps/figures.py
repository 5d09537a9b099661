"""Figures and tables. The real libraries' objects have these methods."""

import chainlit as cl


class Figure:
    def to_json(self):
        return '{"data": [{"y": [1, 3, 2]}]}'

    def savefig(self, buffer, **options):
        buffer.write(b"\x89PNG\r\n\x1a\n" + b"0" * 64)


class Frame:
    columns = ["city", "people"]  # noqa: RUF012
    dtypes = ["object", "int64"]  # noqa: RUF012

    def to_json(self, **options):
        return '{"columns": ["city", "people"], "data": [["Rome", 2800000]]}'


@cl.on_message
async def main(message: cl.Message):
    elements = [
        cl.Plotly(name="chart", figure=Figure(), display="inline"),
        cl.Pyplot(name="plot", figure=Figure(), display="inline", size="small"),
        cl.Dataframe(data=Frame(), display="inline", name="Dataframe"),
    ]
    await cl.Message(content="This message has a chart", elements=elements).send()
