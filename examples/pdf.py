"""A PDF to read, opened at a page, and one beside it in the panel.

Run it with: convo run examples/pdf.py
"""

import convo

LINES = ("A report, made by hand.", "Its words can be searched for and selected.", "The harvest was good this year.")


@convo.on_message
async def show(message: convo.Message) -> None:
    pages = int(message.content) if message.content.isdecimal() else 5
    report = convo.Pdf("report.pdf", content=make_pdf(pages), page=2)
    annex = convo.Pdf("annex.pdf", content=make_pdf(1), display="side")
    await convo.Message(f"A report of {pages} pages; see also annex.pdf.", elements=[report, annex]).send()


def make_pdf(pages: int) -> bytes:
    """A PDF without any library: objects, where each begins, and which is the root."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(pages))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} /MediaBox [0 0 595 842] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n in range(pages):
        lines = (f"Page {n + 1}", *LINES)
        text = " ".join(f"({line}) Tj 0 -28 Td" for line in lines)
        stream = f"BT /F 18 Tf 72 740 Td {text} ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /Contents {5 + 2 * n} 0 R /Resources << /Font << /F 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    body, places = "%PDF-1.7\n", []
    for number, thing in enumerate(objects, 1):
        places.append(f"{len(body):010} 00000 n \n")
        body += f"{number} 0 obj\n{thing}\nendobj\n"
    table = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{''.join(places)}"
    end = f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return (body + table + end).encode()
