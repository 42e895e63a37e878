"""A page that holds the picture of each comparison, the gates, and the doubts."""

from collections.abc import Sequence

from pgolf_check.measure.comparison import Comparison
from pgolf_check.report.drawing import svg
from pgolf_check.report.escape import html
from pgolf_check.report.stats_plot import plot

_STYLE = """
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:780px;margin:2rem auto;padding:0 1rem}
svg{max-width:100%;height:auto}
table{border-collapse:collapse;margin:.5rem 0}
th,td{text-align:left;padding:.15rem 1.2rem .15rem 0;vertical-align:top}
th{font-weight:500;opacity:.7}
section+section{margin-top:3rem}
"""


def page(comparisons: Sequence[Comparison]) -> str:
    """Standalone: no script, nothing loaded."""
    body = "\n".join(_section(each) for each in comparisons)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>pgolf stats</title><style>{_STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )


def _section(comparison: Comparison) -> str:
    rows = "".join(
        f"<tr><td>{html(gate.edition.name)}</td><td>{html(gate.answer)}</td>"
        f"<td>{html(gate.reason)}</td></tr>"
        for gate in comparison.gates
    )
    table = f"<table><tr><th>rules of</th><th>met?</th><th>why</th></tr>{rows}</table>"
    doubts = "".join(f"<li>{html(each.message, 400)}</li>" for each in comparison.warnings)
    notes = f"<ul>{doubts}</ul>" if doubts else ""
    return f"<section>{svg(plot(comparison))}{table}{notes}</section>"
