"""Initialisation, requests and memory as bars beside FastAPI + Mangum, as SVG for light and dark pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from xml.sax.saxutils import escape

from tests.benchmarks.lambda_runtime.measurement import Measurement

_ROWS: Final[Mapping[str, tuple[str, str]]] = {
    "Task API": ("create_task", "list_tasks"),
    "Powertools resolver": ("powertools_resolver create", "powertools_resolver list"),
    "Flask": ("flask_wsgi create", "flask_wsgi list"),
    "FastAPI + Mangum": ("fastapi_mangum create", "fastapi_mangum list"),
    "FastAPI + SQLModel": ("fastapi_sqlmodel create", "fastapi_sqlmodel list"),
    "Floor: no SDK": ("floor create", "floor list"),
}
"""Label to the contestants with the create and with the list."""
_REFERENCE: Final = "FastAPI + Mangum"

_PANELS: Final[Mapping[str, tuple[int, Callable[[Measurement], float]]]] = {
    "initialisation, CPU": (0, lambda each: each.init_cpu),
    "first create, CPU": (0, lambda each: each.first_cpu),
    "warm create, CPU": (0, lambda each: each.warm_cpu),
    "warm list of 50, CPU": (1, lambda each: each.warm_cpu),
    "memory after initialisation": (0, lambda each: each.init_resident),
}
"""Title to which contestant, and the figure."""

_WIDTH: Final = 860
_LABELS: Final = 170
_SCALE: Final = 380
"""Pixels for 1.0."""
_BAR: Final = 17
_PANEL_GAP: Final = 34

_STYLE: Final = """
text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #24292f }
.title { font-size: 16px; font-weight: 600 } .panel { font-weight: 600 } .end { text-anchor: end }
.value { paint-order: stroke; stroke: #ffffff; stroke-width: 4px }
.page { fill: #ffffff } .bar { fill: #8c959f } .ours { fill: #0072b2 } .line { stroke: #57606a; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .value { stroke: #0d1117 }
.page { fill: #0d1117 } .bar { fill: #6e7681 } .ours { fill: #56b4e9 } .line { stroke: #9198a1 }
}
"""


def performance_chart(measured: Mapping[str, Measurement]) -> str:
    """Draw the bars.

    Args:
        measured: Contestant's name to its figures; one that is missing has no bar.

    Returns:
        An SVG document that needs nothing else.
    """
    title = "Task API beside its peers: 1.0 is FastAPI + Mangum"
    parts: list[str] = []
    told: list[str] = []
    y = 62
    for panel, (which, figure) in _PANELS.items():
        parts.append(f'<text class="panel" x="24" y="{y}">{escape(panel)}</text>')
        top, values = y, []
        reference = figure(measured[_ROWS[_REFERENCE][which]])
        for label, names in _ROWS.items():
            if names[which] not in measured:
                continue
            y += _BAR + 3
            ratio = figure(measured[names[which]]) / reference
            style = "ours" if label == "Task API" else "bar"
            parts += [
                f'<text class="end" x="{_LABELS + 10}" y="{y}">{escape(label)}</text>',
                f'<rect class="{style}" x="{_LABELS + 20}" y="{y - 13}" width="{ratio * _SCALE:.1f}" height="{_BAR}"/>',
            ]
            values.append(f'<text class="value" x="{_LABELS + 26 + ratio * _SCALE:.1f}" y="{y}">{ratio:.2f}</text>')
            told.append(f"{panel}, {label}: {ratio:.2f}")
        one = _LABELS + 20 + _SCALE
        parts.append(f'<line class="line" x1="{one}" x2="{one}" y1="{top + 4}" y2="{y + 6}"/>')
        parts += values  # over the line, which some of them stand on
        y += _PANEL_GAP
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape('; '.join(told))}.</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{_WIDTH}" height="{y}" rx="6"/>',
        f'<text class="title" x="24" y="30">{escape(title)}</text>',
    ]
    return "\n".join([*head, *parts, "</svg>", ""])
