"""Specs in, SVG text out: pictures that need no chart library and follow the theme.

A page shows one with ``st.markdown(svg, unsafe_allow_html=True)``; ``st.html`` would
remove it. What is drawn with ``currentColor`` takes the theme's text colour, everything
else a mid-tone of the palette. Pictures are 1200 units wide, 600 for half a page or 400 for a
third, and scale with it; their text is made to be read when the page is 820 pixels wide.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from lesson import svg
from lesson.checks import SpecError
from lesson.errors import LessonError
from lesson.layers import Conv2D, Dense, Dropout, Flatten, Layer, Shape, shape_text
from lesson.palette import (
    CORRECT,
    FILTER,
    NEUTRAL,
    ON_COLOUR,
    OTHER_RUNS,
    POOLING,
    WRONG,
    run_colours,
)
from lesson.specs import NetworkSpec
from lesson.words import sure

SHOWN_UNITS = 12
COLUMNS = 6


def network_diagram(network: NetworkSpec) -> str:
    """A feedforward network drawn: the picture laid in a row, then a column a Dense layer.

    Columns of more than twelve units are shortened, with their true number below.

    Raises:
        LessonError: the network has other layers than Flatten, Dense and Dropout, or does
            not begin with Flatten.
    """
    layers = network.layers
    fits = all(isinstance(layer, Flatten | Dense | Dropout) for layer in layers)
    if not layers or not isinstance(layers[0], Flatten) or not fits:
        kinds = ", ".join(layer.kind for layer in layers) or "no layer"
        raise LessonError(
            "Only a network of Flatten, then Dense and Dropout can be drawn unit by unit, but "
            f"this one has {kinds}. Draw it with shape_flow."
        )
    rows = [row for row in network.ledger if not isinstance(row.layer, Dropout)]
    left, top, step = 190.0, 50.0, 30.0
    spread = (svg.WIDTH - 70 - left) / max(1, len(rows) - 1)
    small = 23 if len(rows) <= 5 else 20
    parts = _input_grid(network.input_shape)
    middle = top + step * (SHOWN_UNITS - 1) / 2
    parts.append(svg.arrow(132, middle, 34))
    before: list[tuple[float, float]] = []
    for place, row in enumerate(rows):
        x = left + place * spread
        units = row.output_shape[0]
        heights = _unit_heights(units, middle, step)
        here = [(x, y) for y in heights]
        lines = "".join(f"M{a:.0f} {b:.0f}L{c:.0f} {d:.0f}" for a, b in before for c, d in here)
        if lines:
            parts.append(svg.path(lines, stroke_width=1, opacity=0.16))
        before = here
    for place, row in enumerate(rows):
        x, units = left + place * spread, row.output_shape[0]
        parts += _column(
            x, units, middle, step, last=place == len(rows) - 1 and units <= SHOWN_UNITS
        )
        activation = getattr(row.layer, "activation", "")
        below = [f"{units:,} {'values' if place == 0 else 'units'}", activation]
        if row.parameters:
            below += [row.arithmetic.partition(" = ")[0], f"= {row.parameters:,}"]
        parts.append(svg.text(x, 24, row.layer.kind, font_weight="bold"))
        for line, content in enumerate(below):
            look = {"font_weight": "bold"} if line == 0 else {}
            parts.append(svg.text(x, 428 + 30 * line, content, 24 if line == 0 else small, **look))
    total = f"{network.parameters:,} parameters"
    shares = {f"{layer.rate:.0%}": None for layer in layers if isinstance(layer, Dropout)}
    if shares:
        total += f" · Dropout silences {', '.join(shares)} of the units while training"
    parts.append(svg.text(svg.WIDTH / 2, 574, total, 26, font_weight="bold"))
    sizes = ", ".join(f"{row.layer.kind} {row.output_shape[0]}" for row in rows)
    return svg.picture(
        592, "The network, unit by unit", f"From left to right: {sizes}. {total}.", parts
    )


def _input_grid(shape: Shape) -> list[str]:
    """The picture that goes in: a square with a hint of its pixels."""
    top, size, cells = 155, 120, 7
    gaps = [size * place / cells for place in range(1, cells)]
    lines = "".join(f"M{4 + gap:.0f} {top}V{top + size}" for gap in gaps)
    lines += "".join(f"M4 {top + gap:.0f}H{4 + size}" for gap in gaps)
    return [
        svg.path(lines, stroke_width=1, opacity=0.4),
        svg.rect(4, top, size, size),
        svg.text(64, 24, "Input", font_weight="bold"),
        svg.text(64, 428, shape_text(shape), font_weight="bold"),
        svg.text(64, 458, "pixels"),
    ]


def _unit_heights(units: int, middle: float, step: float) -> list[float]:
    """Where units are drawn: all of up to twelve, else five at either end."""
    if units <= SHOWN_UNITS:
        return [middle + step * (place - (units - 1) / 2) for place in range(units)]
    edge = (SHOWN_UNITS - 1) / 2
    return [middle + step * (place - edge) for place in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]


def _column(x: float, units: int, middle: float, step: float, last: bool) -> list[str]:
    parts = []
    for place, y in enumerate(_unit_heights(units, middle, step)):
        look = {"fill": NEUTRAL, "stroke": "currentColor", "stroke_width": 2}
        parts.append(svg.circle(x, y, 11, **look))
        if last:
            parts.append(svg.text(x + 28, y + 7, place))
    if units > SHOWN_UNITS:
        parts += [svg.circle(x, middle + 11 * place, 3) for place in (-1, 0, 1)]
    return parts


def shape_flow(network: NetworkSpec, problem_at: int | None = None) -> str:
    """Shapes flowing through a network: one box a layer, as high and deep as its output.

    Below each stand the layer, its settings, its output shape and its parameters. A layer
    that cannot take what it gets is marked, and those behind it stay empty; the reason stands
    in the picture's description.

    Args:
        network: any stack, valid or not.
        problem_at: the place of a layer to be marked although its shapes are possible.
    """
    stages: list[tuple[str, str, Shape | None, str]] = [("Input", "", network.input_shape, "")]
    shape: Shape | None = network.input_shape
    reason = ""
    for place, layer in enumerate(network.layers):
        count = ""
        if shape is not None:
            try:
                parameters = layer.parameters(shape)
                shape = layer.output_shape(shape)
                count = f"{parameters:,} parameters"
            except SpecError as error:
                reason, problem_at, shape = str(error), place, None
        stages.append((layer.kind, _settings(layer), shape, count))
    parts: list[str] = []
    cell, tall = svg.WIDTH / COLUMNS, 326
    largest = max(network.input_shape[0], 1)
    for place, (kind, settings, size, count) in enumerate(stages):
        x, y = cell * (place % COLUMNS) + cell / 2, tall * (place // COLUMNS)
        marked = problem_at is not None and place == problem_at + 1
        colour = WRONG if marked else _layer_colour(kind)
        parts += _box(x, y + 90, size, largest, colour, crossed=marked)
        if place % COLUMNS:
            parts.append(svg.arrow(x - cell / 2 - 13, y + 90, 26))
        lost = "does not fit" if marked else "not reached"
        below = [kind, settings, shape_text(size) if size else lost, count]
        for line, content in enumerate(filter(None, below)):
            bold = content in (kind, below[2])
            look = {"font_weight": "bold"} if bold else {}
            parts.append(svg.text(x, y + 208 + 29 * line, content, 24 if bold else 22, **look))
    height = tall * math.ceil(len(stages) / COLUMNS)
    said = "; ".join(
        f"{kind} {shape_text(size) if size else 'not possible'}" for kind, _, size, _ in stages
    )
    return svg.picture(height, "Shapes through the network", f"{said}. {reason}", parts)


def _settings(layer: Layer) -> str:
    if isinstance(layer, Conv2D):
        return f"{layer.filters} of {layer.kernel_size}×{layer.kernel_size}"
    if isinstance(layer, Dense):
        return layer.activation
    if isinstance(layer, Dropout):
        return f"rate {layer.rate:g}"
    size = getattr(layer, "pool_size", 0)
    return f"{size}×{size}" if size else ""


def _layer_colour(kind: str) -> str:
    if kind == "Conv2D":
        return FILTER
    return POOLING if "Pooling" in kind else NEUTRAL


def _box(
    x: float, y: float, shape: Shape | None, largest: int, colour: str, crossed: bool
) -> list[str]:
    """Maps as a pile of sheets, vectors as a strip; centred on ``x``, ``y``."""
    if shape is None:
        dashed: dict[str, object] = {
            "stroke": colour,
            "stroke_dasharray": "8 6",
            "opacity": 1 if crossed else 0.4,
        }
        parts = [svg.rect(x - 45, y - 45, 90, 90, **dashed)]
        if crossed:
            cross = f"M{x - 25:.0f} {y - 25:.0f}l50 50m0 -50l-50 50"
            parts.append(svg.path(cross, stroke=colour, stroke_width=7))
        return parts
    edge: dict[str, object] = (
        {"stroke_width": 5, "stroke": colour} if crossed else {"stroke_width": 1.5}
    )
    if len(shape) == 1:
        high = 20 + 10 * math.log2(shape[0] + 1)
        return [svg.rect(x - 11, y - high / 2, 22, high, fill=colour, **edge)]
    height, width = (max(8.0, 110 * size / largest) for size in shape[:2])
    sheets = min(10, 1 + round(1.5 * math.log2(max(1, shape[-1]))))
    shift = 5.0
    first = -(sheets - 1) * shift / 2
    return [
        svg.rect(
            x - width / 2 - first - shift * sheet,
            y - height / 2 + first + shift * sheet,
            width,
            height,
            fill=colour,
            **edge,
        )
        for sheet in range(sheets)
    ]


def shape_steps(steps: Sequence[tuple[str, str]]) -> str:
    """Shapes in boxes, joined by arrows that carry what is done between them.

    Args:
        steps: a shape and what is done to it next, such as ``("28×28", "reshape")``; what
            is done to the last is left out.
    """
    cell = svg.WIDTH / max(1, len(steps))
    wide = min(cell * 0.68, 230.0)
    parts = []
    for place, (shape, action) in enumerate(steps):
        x = cell * place + cell / 2
        size = max(18, min(28, int(wide / (0.56 * max(1, len(shape))))))
        parts += [
            svg.rect(x - wide / 2, 44, wide, 64, rx=8),
            svg.text(x, 84, shape, size, font_weight="bold"),
        ]
        if place < len(steps) - 1:
            parts.append(svg.arrow(x + wide / 2 + 8, 76, cell - wide - 16))
            parts.append(svg.text(x + cell / 2, 30, action))
    chain = ", then ".join(f"{shape} {action}".strip() for shape, action in steps)
    return svg.picture(120, "The shape at each step", chain, parts)


def results(
    rows: Sequence[tuple[str, float, int, float]], moved: int = 3, changed: str = ""
) -> str:
    """The lesson's result in one picture: right on the test digits, parameters, right when moved.

    Args:
        rows: for each network its name, its accuracy, its parameters, and its accuracy when
            the digits are moved.
        moved: by how many pixels they were moved.
        changed: what was done to them instead, in a few words.
    """
    when = changed or f"when moved {moved} pixels"
    colours = run_colours(name for name, *_ in rows)
    most = max((parameters for _, _, parameters, _ in rows), default=1) or 1
    heads = ("test digits right", "parameters", f"right {when}")
    starts, wide, tall = (190.0, 530.0, 870.0), 310.0, 104.0
    parts = [
        svg.text(x, 34, head, 26, text_anchor="start")
        for x, head in zip(starts, heads, strict=True)
    ]
    for place, (name, accuracy, parameters, when_moved) in enumerate(rows):
        y = 58 + tall * place
        parts.append(svg.text(0, y + 50, name, 27, text_anchor="start", font_weight="bold"))
        cells = (
            (accuracy, f"{accuracy:.1%}"),
            (parameters / most, f"{parameters:,}"),
            (when_moved, f"{when_moved:.0%}"),
        )
        for x, (share, said) in zip(starts, cells, strict=True):
            colour = colours[name]
            parts += [
                svg.rect(x, y, wide, 78, stroke="none", fill=NEUTRAL, fill_opacity=0.18),
                svg.rect(x, y, wide * min(1.0, max(0.0, share)), 78, stroke="none", fill=colour),
                *_on_bar(x, y + 52, said, wide * share),
            ]
    said = "; ".join(
        f"{name}: {accuracy:.1%} right with {parameters:,} parameters, {when_moved:.0%} {when}"
        for name, accuracy, parameters, when_moved in rows
    )
    return svg.picture(58 + tall * len(rows), "The result in one picture", said, parts)


def _on_bar(x: float, y: float, said: str, length: float) -> list[str]:
    """A number inside its bar if it is long enough, else behind it."""
    inside = length > 22 * len(said)
    fill = ON_COLOUR if inside else "currentColor"
    start = x + 14 if inside else x + length + 12
    return [svg.text(start, y, said, 36, text_anchor="start", fill=fill, font_weight="bold")]


def words_filter(words: Sequence[str], weights: Sequence[float], position: int = 0) -> str:
    """A filter over words: a window of neighbours, a weight for each, one answer.

    Args:
        words: the sentence.
        weights: one for each word in the window.
        position: the window's first word; kept within the sentence.
    """
    count = max(1, len(words))
    answers = max(1, count - len(weights) + 1)
    position = min(max(0, position), answers - 1)
    cell = svg.WIDTH / count
    parts = []
    for place, word in enumerate(words):
        x = cell * place + cell / 2
        size = max(18, min(28, int(cell * 1.6 / max(1, len(word)))))
        parts += [svg.rect(x - cell / 2 + 8, 20, cell - 16, 62, rx=8), svg.text(x, 60, word, size)]
    left, wide = cell * position + 3, cell * len(weights) - 6
    parts.append(svg.rect(left, 8, wide, 86, stroke=FILTER, stroke_width=6, rx=10))
    centre = left + wide / 2
    for place, weight in enumerate(weights):
        x = cell * (position + place) + cell / 2
        said = f"× {weight:g}".replace("-", "−")
        parts.append(svg.text(x, 132, said, 26, font_weight="bold"))
        parts.append(svg.path(f"M{x:.0f} 146L{centre:.0f} 208", stroke=FILTER, stroke_width=3))
    for place in range(answers):
        x = cell * (place + len(weights) / 2)
        chosen = place == position
        look = {"fill": FILTER, "stroke": FILTER} if chosen else {"opacity": 0.5}
        parts.append(svg.rect(x - 46, 212, 92, 50, rx=8, **look))
        if chosen:
            parts.append(svg.text(x, 246, "sum", fill=ON_COLOUR, font_weight="bold"))
    seen = " ".join(words[position : position + len(weights)])
    said = f"A window of {len(weights)} words lies on: {seen}. It gives one of {answers} answers."
    return svg.picture(276, "A filter over words", said, parts)


def frames_filter(
    frames: int = 6, depth: int = 3, kernel_size: int = 2, position: int = 1, cells: int = 5
) -> str:
    """A filter over a film: its window has height, width and time.

    Args:
        frames: how many frames are drawn.
        depth: how many frames the window reaches through.
        kernel_size: its height and width in pixels.
        position: its first frame; kept within the film.
        cells: how many pixels a frame has in each direction.
    """
    position = min(max(0, position), max(0, frames - depth))
    size = min(220.0, 0.84 * svg.WIDTH / frames)
    pitch = (svg.WIDTH - 20 - size) / max(1, frames - 1)
    cell = size / cells
    parts = []
    corners = []
    for frame in range(frames):
        x, y = 10 + frame * pitch, 10.0
        inner = [cell * place for place in range(1, cells)]
        lines = "".join(f"M{x + gap:.0f} {y:.0f}v{size:.0f}" for gap in inner)
        lines += "".join(f"M{x:.0f} {y + gap:.0f}h{size:.0f}" for gap in inner)
        parts += [svg.path(lines, stroke_width=1, opacity=0.35), svg.rect(x, y, size, size)]
        parts.append(svg.text(x + size / 2, y + size + 34, f"frame {frame + 1}"))
        if position <= frame < position + depth:
            left, up, side = x + cell, y + cell, cell * kernel_size
            look = {"fill": FILTER, "fill_opacity": 0.75, "stroke": FILTER, "stroke_width": 5}
            parts.append(svg.rect(left, up, side, side, **look))
            corners.append((left, up, side))
    for (x1, y1, side), (x2, y2, _) in pairwise(corners):
        for down in (0.0, side):
            join = f"M{x1 + side:.0f} {y1 + down:.0f}L{x2:.0f} {y2 + down:.0f}"
            parts.append(svg.path(join, stroke=FILTER, stroke_width=3, stroke_dasharray="7 5"))
    said = (
        f"The window is {kernel_size} pixels high, {kernel_size} wide and {depth} frames long: "
        f"{kernel_size}×{kernel_size}×{depth} = {kernel_size**2 * depth} weights"
    )
    parts.append(svg.text(svg.WIDTH / 2, size + 100, said, 28))
    return svg.picture(size + 116, "A filter over a film", said, parts)


# Of a training in progress: what stands over the curve, and what takes its place under the pointer.
# Said in CSS, it holds while the picture is changed in place several times a second.
READING = (
    ".live .read{visibility:hidden}.live .at:hover .read{visibility:visible}"
    ".live:has(.at:hover) .latest{visibility:hidden}"
)
READINGS = 20  # places along the curve that can be read, if there are not more epochs


def live_curve(
    at: Sequence[float],
    values: Sequence[float],
    epochs: int,
    metric: str = "accuracy",
    validation_at: Sequence[float] = (),
    validation: Sequence[float] = (),
    colour: str = OTHER_RUNS[0],
    beside: Sequence[float] = (),
    beside_colour: str = OTHER_RUNS[0],
) -> str:
    """The curve of a training in progress, to be drawn several times a second.

    A Plotly chart would be torn down and built anew at each change of its data, and blink;
    this picture is changed in place. Its axes stand still while the curve grows. Over it stand
    the latest values, or those at the pointer.

    Args:
        at: how far the training was at each point, in epochs from 0 to ``epochs``.
        values: the training loss or accuracy there; what is not a number is left out.
        epochs: how many epochs the training will have.
        metric: ``"accuracy"`` or ``"loss"``.
        validation_at, validation: the same for the validation digits, one point an epoch.
        colour: the run's.
        beside, beside_colour: the training values of the finished run A, one an epoch.
    """
    left, right, top, bottom = 76.0, 590.0, 72.0, 276.0
    known = [value for value in (*values, *validation, *beside) if math.isfinite(value)]
    highest = 1.0
    if metric != "accuracy":
        # Guessing has the loss ln 10 = 2.3; a loss that explodes doubles the axis.
        highest = 2.5
        while highest < max(known, default=0.0) and highest < 1e6:
            highest *= 2

    def point(epoch: float, value: float) -> tuple[float, float]:
        share = min(1.0, max(0.0, value / highest))
        return left + (right - left) * epoch / epochs, bottom - (bottom - top) * share

    def curve(places: Sequence[float], heights: Sequence[float], **look: object) -> str:
        pairs = [
            point(*pair) for pair in zip(places, heights, strict=True) if math.isfinite(pair[1])
        ]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in pairs) if pairs else ""
        return svg.path(path, **{"stroke": colour, "stroke_width": 4, **look})

    parts = [f'<g class="live"><style>{READING}</style>']
    for share in (0.0, 0.5, 1.0):
        _, y = point(0, share * highest)
        parts.append(svg.path(f"M{left:.0f} {y:.0f}H{right:.0f}", opacity=0.25))
        parts.append(svg.text(left - 12, y + 9, f"{share * highest:g}", 26, text_anchor="end"))
    step = max(1, math.ceil(epochs / 10))
    for epoch in range(0, epochs + 1, step):
        anchor = "end" if epoch == epochs else "middle"
        parts.append(svg.text(point(epoch, 0)[0], bottom + 32, epoch, 26, text_anchor=anchor))
    latest = f"{metric} {_value(values[-1])}" if len(values) else metric
    dashed = f"dashed: validation {_value(validation[-1])}" if len(validation) else ""
    shown = beside[:epochs]  # of a longer run only what has room
    parts += [
        _reading("latest", latest, dashed),
        svg.text((left + right) / 2, bottom + 60, "epoch", 26),
        curve(range(1, len(shown) + 1), shown, stroke=beside_colour, stroke_dasharray="2 6"),
        curve(at, values, stroke_linejoin="round"),
        curve(validation_at, validation, stroke_dasharray="10 8"),
    ]
    if len(shown) and math.isfinite(shown[-1]):
        x, y = point(len(shown), shown[-1])
        below = 30 if metric == "accuracy" else -12
        parts.append(svg.text(x - 14, y + below, "A", fill=beside_colour, font_weight="bold"))
    for place, value in zip(validation_at, validation, strict=True):
        x, y = point(place, value if math.isfinite(value) else highest)
        parts.append(svg.circle(x, y, 7, fill=colour))
    ends = dict(zip(validation_at, validation, strict=True))
    each = max(1, READINGS // epochs)  # places an epoch
    wide = (right - left) / (epochs * each)
    # Of the points in one place the last.
    last = {max(1, math.ceil(place * each)): n for n, place in enumerate(at)}
    for column, n in last.items():
        x, start = point(at[n], 0)[0], left + wide * (column - 1)
        said = f"epoch {at[n]:.3g}: {_value(values[n])}"
        aside = f"validation {_value(ends[at[n]])}" if at[n] in ends else ""
        area = svg.rect(start, top, wide, bottom - top, stroke="none", fill="transparent", rx=0)
        line = svg.path(f"M{x:.1f} {top:.0f}V{bottom:.0f}", **{"class": "read"})
        title = f"<title>{metric}, {said} {aside}</title>"
        parts.append(f'<g class="at">{title}{area}{line}{_reading("read", said, aside)}</g>')
    parts.append("</g>")
    done = f"{at[-1]:.1f} of {epochs} epochs" if len(at) else "not yet begun"
    said = f"{done}, {latest} {dashed}".strip()
    return svg.picture(346, f"The training's {metric}", said, parts, width=600)


def _value(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "no number"


def _reading(kind: str, value: str, aside: str) -> str:
    """The line over a curve: a value, large, and what is said beside it."""
    large = svg.text(0, 42, value, 46, text_anchor="start", font_weight="bold")
    return f'<g class="{kind}">{large}{svg.text(590, 42, aside, 26, text_anchor="end")}</g>'


# Beside each other: as many in a row as fit, each wide enough for its type.
BESIDE = "display:flex;flex-wrap:wrap;gap:0.6rem 1.5rem"


def beside(pictures: Sequence[str], least: int = 285, most: int = 520) -> str:
    """Pictures in rows as long as the page allows, in HTML.

    Args:
        pictures: SVG as the functions here give it.
        least, most: how wide one may become, in pixels.
    """
    look = f"flex:1 1 {least}px;max-width:{most}px"
    cells = [f'<div style="{look}">\n{picture}\n</div>' for picture in pictures]
    return "\n".join([f'<div style="{BESIDE}">', *cells, "</div>"])


def answers(
    chances: Mapping[str, Sequence[float]], colours: Mapping[str, str], label: int | None = None
) -> str:
    """What several networks answer to one digit: ten bars each, one a class.

    Args:
        chances: for each network ten probabilities.
        colours: each network's own.
        label: the digit that it is; a box stands around its number. Without it nothing is said
            about right and wrong.
    """
    wide, tall, high, width = 60.0, 140.0, 56.0, 600
    parts, said = [], []
    for place, (name, shares) in enumerate(chances.items()):
        top = tall * place
        foot = top + 112
        answer = max(range(len(shares)), key=lambda digit: shares[digit])
        text = f"{name}: {answer}, {sure(shares[answer])}"
        parts += _title(top + 26, text, colours[name], 26)
        mark = "" if label is None else "✓ right" if answer == label else "✗ wrong"
        if mark:
            fill = CORRECT if answer == label else WRONG
            bold: dict[str, Any] = {"font_weight": "bold", "fill": fill}
            parts.append(svg.text(width - 6, top + 26, mark, 26, text_anchor="end", **bold))
        said.append(f"{text} {mark}".strip())
        grown = [high * min(1.0, max(0.0, share)) for share in shares]
        places = [wide * digit + 4 for digit in range(len(shares))]
        feet = [(x, foot - 2, wide - 8, 2.0) for x in places]
        bars = [(x, foot - y, wide - 8, y) for x, y in zip(places, grown, strict=True)]
        parts += [_boxes(feet, NEUTRAL), _boxes(bars, colours[name])]
        for digit, share in enumerate(shares):
            x = wide * digit
            chosen: dict[str, Any] = {"font_weight": "bold"} if digit == answer else {}
            parts.append(svg.text(x + wide / 2, foot + 23, digit, 22, **chosen))
            if share >= 0.005:
                y = foot - grown[digit] - 5
                parts.append(svg.text(x + wide / 2, y, f"{share:.0%}", 20, **chosen))
            if digit == label:
                parts.append(svg.rect(x + wide / 2 - 16, foot + 4, 32, 25, stroke_width=3))
    told = "; ".join(said)
    return svg.picture(tall * len(chances) + 4, "The answers", told, parts, width=width)


def _boxes(boxes: Iterable[tuple[float, float, float, float]], colour: str, **look: object) -> str:
    """Filled boxes as one mark: each mark costs the browser time at each move of a control.

    Args:
        boxes: of each its left and upper edge, its width and its height.
    """
    outlines = (
        f"M{x:.1f} {y:.1f}h{wide:.1f}v{high:.1f}h-{wide:.1f}z" for x, y, wide, high in boxes
    )
    return svg.path("".join(outlines), stroke="none", **{"fill": colour, **look})


def _title(y: float, content: str, colour: str, size: int) -> list[str]:
    """A line of text behind a square of a run's colour."""
    return [
        svg.rect(0, y - 20, 22, 22, stroke="none", fill=colour),
        svg.text(32, y, content, size, text_anchor="start", font_weight="bold"),
    ]


def changed_layers(name: str, colour: str, stages: Sequence[tuple[str, float]], last: str) -> str:
    """How much has changed behind each layer of one network: a bar each, from 0 to 100 %.

    Args:
        name: what the network is called.
        colour: its own.
        stages: from the picture to the answer, each with its share.
        last: what stands below: what became of the answer.
    """
    tall, start, wide, width = 36.0, 206.0, 124.0, 400
    tops = [42 + tall * place for place in range(len(stages))]
    grown = [wide * min(1.0, max(0.0, share)) for _, share in stages]
    parts = [
        *_title(24, name, colour, 24),
        _boxes(((start, y, wide, 28.0) for y in tops), NEUTRAL, fill_opacity=0.18),
        _boxes(((start, y, x, 28.0) for x, y in zip(grown, tops, strict=True)), colour),
    ]
    for y, (stage, share) in zip(tops, stages, strict=True):
        parts += [
            svg.text(0, y + 22, stage, 23, text_anchor="start"),
            svg.text(width, y + 22, f"{share:.0%}", 23, text_anchor="end", font_weight="bold"),
        ]
    foot = 42 + tall * len(stages)
    parts.append(svg.text(0, foot + 26, last, 23, text_anchor="start", font_weight="bold"))
    told = ", ".join(f"{stage} {share:.0%}" for stage, share in stages)
    title = f"How much changes behind each layer of {name}"
    return svg.picture(foot + 36, title, f"{told}. {last}", parts, width=width)
