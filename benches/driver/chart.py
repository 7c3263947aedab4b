"""Time per call as a picture for the README."""

from __future__ import annotations

from html import escape
from typing import Any

PANELS = [
    ("plain", "C, plain http"),
    ("tls", "C, TLS 1.3"),
    ("python", "Python, plain http"),
]
WIDTH, MARGIN, LABELS, VALUES = 720, 24, 130, 200
BAR, GAP, HEAD = 22, 8, 34
OURS, OTHERS, TEXT, QUIET = "#0b6e4f", "#a9b4c2", "#1b1f24", "#57606a"


def draw(results: dict[str, Any]) -> str:
    """One panel for each way to call, one bar for each contestant."""
    parts: list[str] = []
    y = MARGIN
    for key, title in PANELS:
        if key in results:
            # A real server is on another machine: nothing of a call is done on its core.
            panel, y = _panel(title, results[key]["apart"], y)
            parts += panel
    caption = "Median time per call on a kept connection over loopback; shorter is better."
    parts.append(_text(MARGIN, y + 6, caption, QUIET, 12))
    height = y + MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{caption}" '
        'font-family="system-ui, sans-serif">'
    )
    ground = f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>'
    return "\n".join([head, ground, *parts, "</svg>"]) + "\n"


def _panel(title: str, contestants: dict[str, Any], y: int) -> tuple[list[str], int]:
    longest = max(row["median_us"] for row in contestants.values())
    parts = [_text(MARGIN, y + 14, title, TEXT, 15, "600")]
    y += HEAD
    rows = sorted(contestants.items(), key=lambda item: item[1]["median_us"])
    for name, row in rows:
        width = (WIDTH - 2 * MARGIN - LABELS - VALUES) * row["median_us"] / longest
        is_ours = name == "contactverify"
        value = f"{row['median_us']:,.0f} µs"
        if not is_ours:
            value += f", {1 / row['our_ratio']:.2g} times as long"
        middle = y + BAR / 2 + 5
        colour, weight = (OURS, "600") if is_ours else (OTHERS, "400")
        parts += [
            _text(MARGIN, middle, name, TEXT, 13, weight),
            f'<rect x="{MARGIN + LABELS}" y="{y}" width="{width:.1f}" height="{BAR}" rx="3" '
            f'fill="{colour}"/>',
            _text(MARGIN + LABELS + width + 8, middle, value, TEXT, 13, weight),
        ]
        y += BAR + GAP
    return parts, y + GAP


def _text(x: float, y: float, words: str, colour: str, size: int, weight: str = "400") -> str:
    style = f'fill="{colour}" font-size="{size}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'
