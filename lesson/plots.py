"""Charts as SVG, for what is drawn anew whenever other runs are chosen.

A browser draws one of these in a few milliseconds, a Plotly figure in a hundred. Values stand
under the pointer as the browser's own tooltips. Shown as the diagrams of :mod:`lesson.diagrams`
are; half a page is 600 units wide, and each run has its colour and its mark.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import cycle
from statistics import fmean

from lesson import svg
from lesson.palette import NEUTRAL, ON_COLOUR, lighter, run_colours
from lesson.specs import NUM_CLASSES

WIDE = 600
TEXT, SMALL = 24, 21
LEFT, RIGHT = 14.0, 586.0  # ends of an axis
CHANCE = 1 / NUM_CLASSES  # what guessing reads right
MARK = 9.0


# What every chart is made of


def _mark(shape: int, x: float, y: float, size: float, colour: str, said: str) -> str:
    """A circle, square, diamond, triangle, cross or plus, in this order, with its tooltip."""
    look = {"fill": colour, "fill_opacity": 0.75, "stroke": colour, "stroke_width": 2}
    if shape == 0:
        drawn = svg.circle(x, y, size, **look)
    elif shape == 1:
        drawn = svg.rect(x - size, y - size, 2 * size, 2 * size, rx=0, **look)
    else:
        points = {
            2: ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
            3: ((0, -1.2), (1.2, 1), (-1.2, 1)),
            4: ((-1.1, -1.1), (1.1, 1.1), None, (1.1, -1.1), (-1.1, 1.1)),
            5: ((0, -1.3), (0, 1.3), None, (-1.3, 0), (1.3, 0)),
        }[shape]
        way, pen = "", "M"
        for point in points:
            if point is None:
                pen = "M"
                continue
            way += f"{pen}{x + size * point[0]:.1f} {y + size * point[1]:.1f}"
            pen = "L"
        closed = shape < 4
        look |= {} if closed else {"fill": "none", "stroke_width": 5}
        drawn = svg.path(way + ("Z" if closed else ""), **look)
    return _told(drawn, said)


def _told(drawn: str, said: str) -> str:
    """Marks with a tooltip."""
    return f"<g><title>{svg.clean(said)}</title>{drawn}</g>"


def _number(x: float, y: float, said: str) -> str:
    """A number below an axis, kept inside the picture."""
    return svg.text(x, y, said, SMALL, text_anchor=_side(x))


def _rule(x: float, top: float, bottom: float) -> str:
    return svg.path(f"M{x:.1f} {top:.1f}V{bottom:.1f}", stroke=NEUTRAL, stroke_opacity=0.35)


def _steps(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most so many.

    >>> [round(each, 3) for each in _steps(0.96, 1.0)]
    [0.96, 0.97, 0.98, 0.99, 1.0]
    """
    span = max(high - low, 1e-9)
    power = 10 ** math.floor(math.log10(span / most))
    step = next(power * by for by in (1, 2, 5, 10, 20) if span / (power * by) <= most - 1)
    first = math.ceil(low / step - 1e-9)
    return [step * n for n in range(first, math.floor(high / step + 1e-9) + 1)]


def lowest(accuracies: Sequence[float]) -> float:
    """Where an accuracy axis begins that shows differences of a tenth of a percent.

    >>> lowest([0.983, 0.9666]), lowest([0.1])
    (0.96, 0.09)
    """
    return max(0.0, math.floor(min(accuracies, default=0.9) * 100 - 0.2) / 100)


# The charts


def spread(
    values: Mapping[str, Sequence[float]],
    title: str,
    each: str = "seed",
    form: str = ".4f",
    ends: tuple[float, float] | None = None,
) -> str:
    """A row for each run: a point for each of its values, a stroke at their mean.

    Args:
        values: for each run at least one number.
        title: what the axis shows.
        each: what one point stands for.
        form: how the numbers are written.
        ends: of the axis; by default those of an accuracy, beginning just below the data. That
            is why there are points, not bars: a bar would exaggerate.
    """
    colours, tall, top = run_colours(values), 86.0, 8.0
    low, high = ends or (lowest([value for points in values.values() for value in points]), 1.0)

    def at(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (RIGHT - LEFT)

    bottom = top + tall * len(values)
    parts: list[str] = []
    for tick in _steps(low, high):
        parts += [_rule(at(tick), top, bottom), _number(at(tick), bottom + 26, f"{tick:.4g}")]
    for place, ((name, points), shape) in enumerate(
        zip(values.items(), cycle(range(6)), strict=False)
    ):
        y, mean = top + tall * place + 58, fmean(points)
        parts.append(svg.text(LEFT, y - 30, name, TEXT, text_anchor="start", font_weight="bold"))
        many = f"one {each}" if len(points) == 1 else f"mean of {len(points)} {each}s"
        parts.append(svg.text(RIGHT, y - 30, f"{many}: {mean:{form}}", SMALL, text_anchor="end"))
        look = {"stroke": colours[name], "stroke_width": 5}
        stroke = svg.path(f"M{at(mean):.1f} {y - 20}V{y + 20}", **look)
        parts.append(_told(stroke, f"{name}, mean: {mean:{form}}"))
        parts += [
            _mark(shape, at(value), y, MARK, colours[name], f"{name}, one {each}: {value:{form}}")
            for value in points
        ]
    parts.append(svg.text(WIDE / 2, bottom + 58, title, SMALL))
    said = "; ".join(
        f"{name}: mean {fmean(points):{form}}, from {min(points):{form}} to {max(points):{form}}"
        for name, points in values.items()
    )
    return svg.picture(bottom + 68, title, said, parts, WIDE)


def layers(parts: Mapping[str, Sequence[tuple[str, int]]]) -> str:
    """Where the parameters are: one bar a network, one piece a layer, the total above its end.

    Args:
        parts: for each network its layers' names and parameters, in order. Layers without
            parameters are left out.
    """
    colours, tall = run_colours(parts), 92.0
    totals = {name: sum(count for _, count in pieces) for name, pieces in parts.items()}
    scale = (RIGHT - LEFT) / max(1, *totals.values())
    drawn: list[str] = []
    for place, (name, pieces) in enumerate(parts.items()):
        y, x = 8 + tall * place, LEFT
        drawn.append(svg.text(LEFT, y + 24, name, TEXT, text_anchor="start", font_weight="bold"))
        total = f"{totals[name]:,}"
        drawn.append(svg.text(RIGHT, y + 24, total, TEXT, text_anchor="end", font_weight="bold"))
        shades = cycle((colours[name], lighter(colours[name])))
        for layer, count in pieces:
            if not count:
                continue
            shade = next(shades)
            wide = count * scale
            look = {"fill": shade, "stroke": colours[name], "stroke_width": 1, "rx": 0}
            piece = svg.rect(x, y + 34, wide, 44, **look)
            words = f"{layer} {count:,}"
            if wide > 11.5 * len(words):
                piece += svg.text(x + wide / 2, y + 63, words, SMALL, fill=ON_COLOUR)
            drawn.append(_told(piece, f"{name}, {layer}: {count:,} parameters"))
            x += wide
    said = "; ".join(f"{name}: {total:,} parameters" for name, total in totals.items())
    return svg.picture(12 + tall * len(parts), "Where the parameters are", said, drawn, WIDE)


def price(points: Mapping[str, tuple[int, float]]) -> str:
    """Each network as a point: its parameters to the right, its accuracy upwards.

    Args:
        points: for each network its parameters and its accuracy.
    """
    colours, wide, top, bottom, left = run_colours(points), 760, 16.0, 330.0, 96.0
    right = wide - 20.0
    logs = [math.log10(max(1, parameters)) for parameters, _ in points.values()] or [5.0]
    first, last = min(logs) - 0.3, max(logs) + 0.4
    low = lowest([accuracy for _, accuracy in points.values()])

    def across(parameters: float) -> float:
        return left + (math.log10(max(1, parameters)) - first) / (last - first) * (right - left)

    def up(accuracy: float) -> float:
        return bottom - (accuracy - low) / (1 - low) * (bottom - top)

    parts = []
    for tick in _steps(low, 1.0, 7):
        look = {"stroke": NEUTRAL, "stroke_opacity": 0.35}
        parts.append(svg.path(f"M{left:.0f} {up(tick):.1f}H{right:.0f}", **look))
        parts.append(svg.text(left - 10, up(tick) + 7, f"{tick:.4g}", SMALL, text_anchor="end"))
    for tick in _powers(first, last):
        parts.append(_rule(across(tick), top, bottom))
        parts.append(svg.text(across(tick), bottom + 28, f"{tick:,}", SMALL))
    taken: list[tuple[float, float]] = []
    for (name, (parameters, accuracy)), shape in zip(points.items(), cycle(range(6)), strict=False):
        x, y = across(parameters), up(accuracy)
        told = f"{name}: {parameters:,} parameters, accuracy {accuracy:.4f}"
        parts.append(_mark(shape, x, y, 13, colours[name], told))
        above = all(abs(x - other) > 130 or abs(y - high) > 26 for other, high in taken)
        taken.append((x, y))
        height = y - 20 if above and y - 40 > 0 else y + 38
        parts.append(svg.text(x, height, name, TEXT, text_anchor=_side(x, wide)))
    parts.append(svg.text((left + right) / 2, bottom + 60, "parameters", SMALL))
    turned = f"rotate(-90 22 {(top + bottom) / 2:.0f})"
    parts.append(
        svg.text(22, (top + bottom) / 2, "accuracy on the test digits", SMALL, transform=turned)
    )
    said = "; ".join(
        f"{name}: {n:,} parameters, {share:.4f}" for name, (n, share) in points.items()
    )
    return svg.picture(bottom + 70, "Accuracy against parameters", said, parts, wide)


def curves(
    levels: Sequence[float],
    accuracies: Mapping[str, Sequence[float]],
    axis: str,
    rest: float,
) -> str:
    """Accuracy on test digits that are changed more and more, a line for each run.

    All values of a level stand under the pointer anywhere above or below it.

    Args:
        levels: how far the digits are changed, from the least number to the largest.
        accuracies: for each run its accuracy at each level. A run that was not measured has none:
            it gets no line, but keeps its colour and its mark from another.
        axis: what a level is, with its unit.
        rest: the level that changes nothing; a line stands there.
    """
    colours, wide, left, in_row = run_colours(accuracies), 640, 60.0, 3
    right, first, last = wide - 26.0, levels[0], levels[-1]
    top = 24.0 + 34 * math.ceil(len(accuracies) / in_row)
    bottom = top + 330

    def across(level: float) -> float:
        return left + (level - first) / (last - first) * (right - left)

    def up(accuracy: float) -> float:
        return bottom - accuracy * (bottom - top)

    parts = []
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        look = {"stroke": NEUTRAL, "stroke_opacity": 0.35}
        parts.append(svg.path(f"M{left:.0f} {up(tick):.1f}H{right:.0f}", **look))
        parts.append(svg.text(left - 10, up(tick) + 7, f"{tick:.1f}", SMALL, text_anchor="end"))
    # As many ticks as there is room for, one of them where nothing is changed.
    step = math.ceil(len(levels) / 11)
    for level in list(levels)[list(levels).index(rest) % step :: step]:
        parts.append(_rule(across(level), bottom, bottom + 7))
        parts.append(svg.text(across(level), bottom + 28, _signed(level), SMALL))
    parts.append(_rule(across(rest), top - 8, bottom))
    aside, anchor = (-8, "end") if rest == last else (8, "start")
    parts.append(svg.text(across(rest) + aside, bottom - 8, "unchanged", SMALL, text_anchor=anchor))
    dots = {"stroke": NEUTRAL, "stroke_width": 3, "stroke_dasharray": "3 7"}
    parts.append(svg.path(f"M{left:.0f} {up(CHANCE):.1f}H{right:.0f}", **dots))
    end, anchor = (right - 6, "end") if rest == first else (left + 6, "start")
    parts.append(svg.text(end, up(CHANCE) + 23, "guessing", SMALL, text_anchor=anchor))
    shapes = dict(zip(accuracies, cycle(range(6)), strict=False))
    for name, values in accuracies.items():
        points = [(across(x), up(y)) for x, y in zip(levels, values, strict=False)]
        way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        if points:
            line = {"stroke": colours[name], "stroke_width": 4, "fill": "none"}
            parts.append(svg.path(f"M{way}", **line))
        parts += [_mark(shapes[name], x, y, 6, colours[name], name) for x, y in points]
    measured = {name: values for name, values in accuracies.items() if len(values)}
    for number, name in enumerate(measured):
        x, y = left + number % in_row * 190, 22.0 + 34 * (number // in_row)
        parts.append(_mark(shapes[name], x + 9, y - 7, 8, colours[name], name))
        parts.append(svg.text(x + 26, y, name, SMALL, text_anchor="start"))
    # Above all else lies a band for each level: the pointer need not hit a mark.
    half = (right - left) / max(1, len(levels) - 1) / 2
    for place, level in enumerate(levels):
        row = ", ".join(f"{name} {values[place]:.3f}" for name, values in measured.items())
        look = {"fill": "transparent", "stroke": "none", "rx": 0}
        band = svg.rect(across(level) - half, top, 2 * half, bottom - top, **look)
        parts.append(_told(band, f"{_signed(level)} {axis}: {row}"))
    parts.append(svg.text((left + right) / 2, bottom + 60, axis, SMALL))
    said = "; ".join(
        f"{name}: from {min(values):.3f} to {max(values):.3f}" for name, values in measured.items()
    )
    return svg.picture(bottom + 70, "Accuracy on changed digits", said, parts, wide)


def _signed(level: float) -> str:
    """
    >>> _signed(-3), _signed(0.25), _signed(0)
    ('−3', '0.25', '0')
    """
    return f"{level:g}".replace("-", "−")


def _side(x: float, wide: float = WIDE) -> str:
    """How a text at ``x`` is anchored so that it stays in the picture."""
    return "start" if x < 40 else "end" if x > wide - 90 else "middle"


def _powers(first: float, last: float) -> list[int]:
    """1, 2 or 5 times powers of ten between two powers, fewer where they would be many.

    >>> _powers(4.5, 5.8)
    [50000, 100000, 200000, 500000]
    """
    factors = (1, 2, 5) if last - first < 2.2 else (1,)
    found = (
        by * 10**power for power in range(math.floor(first), math.ceil(last)) for by in factors
    )
    return [each for each in found if first <= math.log10(each) <= last]
