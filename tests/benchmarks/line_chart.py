"""A small line chart as SVG, readable on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 860
HEIGHT: Final = 480
_LEFT, _RIGHT, _TOP, _BOTTOM = 86, 250, 64, 64
_LABEL_GAP: Final = 17
"""Pixels between the baselines of two labels, at least."""

# Okabe and Ito's colours, which all kinds of colour vision tell apart, and lighter ones of the same hues.
_ON_LIGHT: Final = ("#0072b2", "#d55e00", "#009e73", "#b5678f", "#57606a")
_ON_DARK: Final = ("#56b4e9", "#ff8f4c", "#3fc79a", "#e09fc4", "#9198a1")


def _theme(page: str, text: str, quiet: str, grid: str, colours: Sequence[str]) -> str:
    # Plain selectors and no custom properties: not only browsers draw SVG.
    rules = [f".page {{ fill: {page} }} text {{ fill: {text} }} .quiet {{ fill: {quiet} }} .grid {{ stroke: {grid} }}"]
    rules += [
        f".s{number} .line {{ stroke: {colour} }} .s{number} .dot, .s{number} .label {{ fill: {colour} }}"
        for number, colour in enumerate(colours)
    ]
    return "\n".join(rules)


_STYLE: Final = f"""
text {{ font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif }}
.title {{ font-size: 16px; font-weight: 600 }}
.middle {{ text-anchor: middle }}
.end {{ text-anchor: end }}
.line {{ fill: none; stroke-width: 2.5; stroke-linejoin: round }}
{_theme("#ffffff", "#24292f", "#57606a", "#d0d7de", _ON_LIGHT)}
@media (prefers-color-scheme: dark) {{
{_theme("#0d1117", "#e6edf3", "#9198a1", "#3d444d", _ON_DARK)}
}}
"""


@dataclass(frozen=True)
class Series:
    """One line.

    Attributes:
        label: What stands at its right end.
        points: x and y, both above 0, ascending in x.
    """

    label: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Axes:
    """What the chart says around its lines.

    Attributes:
        title: Above it.
        x: Below it.
        y: Under the title.
        x_ticks: Values that are marked.
    """

    title: str
    x: str
    y: str
    x_ticks: Sequence[float]


def line_chart(axes: Axes, series: Sequence[Series]) -> str:
    """Draw lines over two logarithmic axes.

    Args:
        axes: Its words and marks.
        series: Up to five lines.

    Returns:
        An SVG document that needs nothing else; its text is found by screen readers and by search.
    """
    xs = [x for line in series for x, _ in line.points]
    ys = [y for line in series for _, y in line.points]
    low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))

    def across(x: float) -> float:
        span = math.log10(max(xs)) - math.log10(min(xs))
        return _LEFT + (math.log10(x) - math.log10(min(xs))) / span * (WIDTH - _LEFT - _RIGHT)

    def down(y: float) -> float:
        return HEIGHT - _BOTTOM - (math.log10(y) - low) / (high - low) * (HEIGHT - _TOP - _BOTTOM)

    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(axes.title)}</title>",
        f"<desc>{escape(_description(axes, series))}</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        f'<text class="title" x="24" y="30">{escape(axes.title)}</text>',
        f'<text class="quiet" x="24" y="50">{escape(axes.y)}</text>',
        f'<text class="quiet middle" x="{(_LEFT + right) / 2:.0f}" y="{HEIGHT - 18}">{escape(axes.x)}</text>',
    ]
    for exponent in range(low, high + 1):
        y = down(10**exponent)
        parts.append(f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
        parts.append(f'<text class="quiet end" x="{_LEFT - 10}" y="{y + 4:.1f}">${_plain(10.0**exponent)}</text>')
    for tick in axes.x_ticks:
        x = across(tick)
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{bottom + 5}"/>')
        parts.append(f'<text class="quiet middle" x="{x:.1f}" y="{bottom + 22}">{_plain(tick)}</text>')
    labels = _apart([down(line.points[-1][1]) for line in series])
    for number, (line, label_y) in enumerate(zip(series, labels, strict=True)):
        drawn = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in line.points)
        parts.append(f'<g class="s{number}"><polyline class="line" points="{drawn}"/>')
        parts += [f'<circle class="dot" cx="{across(x):.1f}" cy="{down(y):.1f}" r="3.5"/>' for x, y in line.points]
        parts.append(f'<text class="label" x="{right + 14}" y="{label_y + 4:.1f}">{escape(line.label)}</text></g>')
    return "\n".join([*parts, "</svg>", ""])


def _plain(value: float) -> str:
    """``50,000`` or ``0.1``: no exponent, which ``g`` would use from six digits on."""
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _apart(wanted: Sequence[float]) -> list[float]:
    """Heights as near to those wanted as can be with a gap between each two, the topmost first to have its place."""
    placed: dict[int, float] = {}
    last = -math.inf
    for index in sorted(range(len(wanted)), key=lambda index: wanted[index]):
        last = max(wanted[index], last + _LABEL_GAP)
        placed[index] = last
    return [placed[index] for index in range(len(wanted))]


def _description(axes: Axes, series: Sequence[Series]) -> str:
    """What a reader who can't see the chart needs: each line's two ends."""
    ends = [
        f"{line.label}: ${line.points[0][1]:,.2f} at {line.points[0][0]:,g}, "
        f"${line.points[-1][1]:,.2f} at {line.points[-1][0]:,g}"
        for line in series
    ]
    return f"{axes.y} against {axes.x}. " + "; ".join(ends) + "."
