"""SVG as text: the few marks that the diagrams are made of.

All text is escaped, and no line is empty: in Markdown an empty line would end the block
of HTML, and what follows would be read as Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

WIDTH = 1200
# What XML cannot hold, escaped or not.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(content: object) -> str:
    """Text as it may stand in a picture."""
    return escape(" ".join(FORBIDDEN.sub("", str(content)).split()))


def _marks(defaults: dict[str, object], given: dict[str, object]) -> str:
    """SVG attributes; underscores stand for the hyphens that Python's names cannot have."""
    return " ".join(
        f'{name.replace("_", "-")}="{escape(str(value))}"'
        for name, value in (defaults | given).items()
    )


def text(x: float, y: float, content: object, size: int = 24, **attributes: object) -> str:
    marks = _marks({"text_anchor": "middle", "fill": "currentColor"}, attributes)
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" {marks}>{clean(content)}</text>'


def rect(x: float, y: float, width: float, height: float, **attributes: object) -> str:
    marks = _marks(
        {"fill": "none", "stroke": "currentColor", "stroke_width": 2, "rx": 3}, attributes
    )
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" {marks}/>'


def circle(x: float, y: float, radius: float, **attributes: object) -> str:
    marks = _marks({"fill": "currentColor"}, attributes)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {marks}/>'


def path(points: str, **attributes: object) -> str:
    marks = _marks({"fill": "none", "stroke": "currentColor", "stroke_width": 2}, attributes)
    return f'<path d="{points}" {marks}/>'


def arrow(x: float, y: float, length: float) -> str:
    """An arrow to the right, from ``x`` on."""
    end = x + length
    return path(
        f"M{x:.0f} {y:.0f}H{end:.0f}M{end - 9:.0f} {y - 8:.0f}L{end:.0f} {y:.0f}"
        f"L{end - 9:.0f} {y + 8:.0f}",
        stroke_width=3,
        opacity=0.7,
    )


def picture(
    height: float, title: str, description: str, parts: Sequence[str], width: int = WIDTH
) -> str:
    """The whole picture. The opening tag stands alone on its line: Markdown asks for that."""
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" '
        f'width="100%" role="img" aria-label="{clean(title)}. {clean(description)}">\n'
        f"<title>{clean(title)}</title>\n<desc>{clean(description)}</desc>\n{body}\n</svg>"
    )
