"""Arrays in, Plotly figures out. Nothing here shows anything.

The pages pass ``theme="streamlit"`` and :data:`CONFIG`: with an empty template, grids and
everything else that is not set here follow the theme, light or dark, while sizes and the
colours of the data are ours and stay. Backgrounds are transparent.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np

# Plotly looks for pandas among what is loaded, and trips over one that another thread is still
# loading. To wait for it here, once, is to be sure.
import pandas as pd  # noqa: F401
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from lesson.evaluation import Calibration
from lesson.palette import (
    CORRECT,
    FAINT,
    NEUTRAL,
    run_colour,
    run_colours,
)

__all__ = [
    "CONFIG",
    "class_balance",
    "confusion_matrix",
    "enlarged",
    "hunger",
    "learning_curves",
    "pixel_histogram",
    "reliability",
    "run_colour",
]

# What st.plotly_chart takes as ``config``: no buttons over the picture, the wheel scrolls the page.
CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset"}

CLEAR = "rgba(0,0,0,0)"
# Streamlit's placeholder for its strongest text colour: the browser puts in near-black or
# white with the theme. Left alone, charts get a grey that is too pale for a projector.
INK = "#000037"
# From nothing to four fifths of WRONG: INK reads on all of it, in both themes.
WRONG_SCALE = [[0, "rgba(213,94,0,0.02)"], [1, "rgba(213,94,0,0.8)"]]
TITLE, TEXT, SMALL = 22, 18, 16
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross")

Trace = dict[str, Any]
# For axes that are not to be zoomed and whose marks need no lines.
STILL: dict[str, Any] = {"fixedrange": True, "showgrid": False}


def _font(size: int) -> dict[str, Any]:
    return {"size": size, "color": INK}


def _plain(name: str) -> str:
    """A name that Plotly shows as it is, whatever marks it holds."""
    return html.escape(name, quote=False)


def _axis(title: str = "", **settings: Any) -> dict[str, Any]:
    label = {"text": title, "font": _font(TEXT), "standoff": 12}
    return {"title": label, "tickfont": _font(SMALL), "automargin": True, **settings}


def _figure(
    data: Sequence[Trace], xaxis: dict[str, Any], yaxis: dict[str, Any], **layout: Any
) -> go.Figure:
    """A figure from plain dicts.

    Plotly's own validation would take three quarters of the time; the tests do it instead.
    """
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": _font(SMALL)}
    settings = {
        "template": {},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "height": 420,
        "margin": {"l": 8, "r": 16, "t": 48, "b": 8},
        "font": _font(SMALL),
        "hoverlabel": {"font": _font(SMALL)},
        "legend": legend,
        # The same value always: what the reader has zoomed or hidden stays when data change.
        "uirevision": "kept",
        "xaxis": xaxis,
        "yaxis": yaxis,
        **layout,
    }
    return go.Figure({"data": list(data), "layout": settings}, _validate=False)


def _numbers(values: ArrayLike) -> list[Any]:
    """Plain numbers, which serialise faster than small arrays and can be read in tests."""
    numbers: list[Any] = np.asarray(values).tolist()
    return numbers


def _line(name: str, x: Sequence[float], y: ArrayLike, colour: str, **settings: Any) -> Trace:
    dash = settings.pop("dash", "solid")
    symbol = settings.pop("symbol", None)
    marks = {"marker": {"size": 10, "symbol": symbol}} if symbol else {}
    return {
        "type": "scatter",
        "mode": "lines+markers" if symbol else "lines",
        "name": name,
        "x": _numbers(x),
        "y": _numbers(y),
        "line": {"color": colour, "width": 3, "dash": dash},
        "hovertemplate": "%{y:.4f}",
        **marks,
        **settings,
    }


def _bars(x: Sequence[Any], y: Sequence[Any], colour: Any, **settings: Any) -> Trace:
    words = {"textposition": "outside", "textfont": _font(SMALL), "cliponaxis": False}
    marker = {"color": colour}
    return {"type": "bar", "x": x, "y": y, "marker": marker, **words, **settings}


def _words(x: Sequence[Any], y: Sequence[Any], text: Sequence[str], **settings: Any) -> Trace:
    fixed = {"type": "scatter", "mode": "text", "hoverinfo": "skip", "cliponaxis": False}
    return {**fixed, "x": x, "y": y, "text": text, "textfont": _font(SMALL), **settings}


def _under_pointer(title: str) -> dict[str, Any]:
    """What one sees of an axis while pointing: a fine line and a title over the values."""
    line = {"spikethickness": 1, "spikecolor": NEUTRAL, "spikedash": "solid"}
    return {"unifiedhovertitle": {"text": title}, **line}


def _epochs_axis(epochs: int) -> dict[str, Any]:
    spare = 0.03 * epochs
    dtick = next(step for step in (1, 2, 5, 10, epochs) if epochs <= 10 * step)
    return _axis("epoch", range=[1 - spare, epochs + spare], dtick=dtick, tick0=0, showgrid=False)


def _metric_axis(metric: str, values: Sequence[float]) -> dict[str, Any]:
    """Accuracy up to 1 and loss from 0, in coarse steps, so that runs are easy to compare."""
    known = [value for value in values if math.isfinite(value)]
    if metric == "accuracy":
        lowest = min(0.9, math.floor(min(known, default=0.0) * 10) / 10)
        return _axis("accuracy", range=[lowest, 1.005])
    top = 0.25
    while top < max(known, default=0.0) and top < 1e6:
        top *= 2
    return _axis(metric, range=[0, 1.04 * top])  # a mark at the top stays whole


def learning_curves(
    curves: Mapping[str, Mapping[str, Sequence[float]]], metric: str = "accuracy"
) -> go.Figure:
    """Training (solid) and validation (dashed) by epoch, of one or several finished runs.

    A training in progress is drawn by :func:`lesson.diagrams.live_curve`.

    Args:
        curves: for each run Keras's history, ``{"accuracy": [...], "val_accuracy": [...], ...}``
            with one number an epoch. Validation may be missing.
        metric: ``"accuracy"`` or ``"loss"``.
    """
    colours = run_colours(curves)
    traces = []
    for name, history, symbol in zip(curves, curves.values(), cycle(SYMBOLS), strict=False):
        for part, column in (("training", metric), ("validation", f"val_{metric}")):
            values = history.get(column, ())
            if not len(values):
                continue
            # Marks tell runs apart while the epochs are few; many would hide the line.
            look = {"symbol": symbol} if len(values) <= 20 else {}
            if part == "validation":
                look = {name: f"{mark}-open" for name, mark in look.items()} | {"dash": "dash"}
            epochs = range(1, len(values) + 1)
            traces.append(_line(f"{_plain(name)}, {part}", epochs, values, colours[name], **look))
    most = max((len(trace["x"]) for trace in traces), default=1)
    everything = [value for trace in traces for value in trace["y"]]
    return _figure(
        traces,
        _epochs_axis(most) | _under_pointer("epoch %{x}"),
        _metric_axis(metric, everything),
        hovermode="x unified",
        showlegend=True,
    )


def class_balance(train: ArrayLike, test: ArrayLike) -> go.Figure:
    """How many training digits (filled) and test digits (hatched) there are of each class.

    Args:
        train, test: ten counts each.
    """
    traces = []
    for name, counts, shape in (("training", train, ""), ("test", test, "/")):
        pattern = {"shape": shape, "fillmode": "replace", "size": 8}
        marker = {"color": CORRECT, "line": {"color": CORRECT, "width": 2}, "pattern": pattern}
        bar = _bars(list(range(10)), _numbers(counts), CORRECT, name=f"{name} digits")
        traces.append(bar | {"marker": marker, "hovertemplate": "%{y:,}"})
    return _figure(
        traces,
        _axis("digit", dtick=1, **STILL) | _under_pointer("digit %{x}"),
        _axis("how many", rangemode="tozero", tickformat=",", fixedrange=True),
        barmode="group",
        bargap=0.25,
        hovermode="x unified",
    )


def pixel_histogram(before: ArrayLike, after: ArrayLike, bins: int = 32) -> go.Figure:
    """The pixel values before and after scaling, side by side: same shape, other axis.

    Args:
        before: pixel values from 0 to 255, of any shape.
        after: pixel values as the network gets them.
        bins: how many bars each histogram has.
    """
    traces, axes = [], []
    for side, values in (("before", before), ("after", after)):
        pixels = np.asarray(values, dtype=np.float64).ravel()
        end = 255.0 if pixels.max(initial=0.0) > 1 else 1.0
        counts, edges = np.histogram(pixels, bins=bins, range=(0.0, end))
        hover = "around %{x:.3~g}: %{y:,} pixels<extra></extra>"
        middles = _numbers((edges[:-1] + edges[1:]) / 2)
        bar = _bars(middles, _numbers(counts), CORRECT, width=end / bins, hovertemplate=hover)
        traces.append(bar | {"xaxis": "x" if side == "before" else "x2"})
        ends = {"range": [-0.02 * end, 1.02 * end], "tickvals": [0, 128 if end > 1 else 0.5, end]}
        axes.append(_axis(f"pixel value {side} scaling", **ends, **STILL))
    most = max(max(trace["y"]) for trace in traces)
    # Four pixels of five are background: a plain axis would show one bar.
    logarithms = {"type": "log", "range": [0, math.log10(max(10, most)) + 0.1], "dtick": 1}
    return _figure(
        traces,
        axes[0] | {"domain": [0, 0.48]},
        _axis("how many pixels", tickformat=",", fixedrange=True, **logarithms),
        xaxis2=axes[1] | {"domain": [0.52, 1]},
        margin={"l": 8, "r": 16, "t": 16, "b": 8},
        showlegend=False,
    )


def hunger(
    curves: Mapping[str, Mapping[int, Sequence[float]]],
    others: Mapping[str, tuple[int, float]] | None = None,
) -> go.Figure:
    """Accuracy against the number of training digits: a point for each seed, a line of means.

    Args:
        curves: for each network and number of digits the accuracies of its seeds.
        others: further runs, each with its number of digits and its accuracy.
    """
    others = others or {}
    colours = run_colours([*curves, *others])
    traces = []
    for (name, points), symbol in zip(curves.items(), cycle(SYMBOLS), strict=False):
        sizes = sorted(points)
        means = [float(np.mean(points[size])) for size in sizes]
        seeds = {"showlegend": False, "hoverinfo": "skip", "hovertemplate": None, "mode": "markers"}
        for size in sizes:
            at = [size] * len(points[size])
            dots = {"marker": {"size": 9, "opacity": 0.5, "symbol": symbol}}
            traces.append(_line(_plain(name), at, points[size], colours[name], **seeds) | dots)
            traces[-1]["marker"]["color"] = colours[name]
        traces.append(_line(_plain(name), sizes, means, colours[name], symbol=symbol))
    for (name, (size, accuracy)), symbol in zip(others.items(), cycle(SYMBOLS), strict=False):
        look = {"mode": "markers", "marker": {"size": 16, "symbol": f"{symbol}-open"}}
        traces.append(_line(_plain(name), [size], [accuracy], colours[name]) | look)
        traces[-1]["marker"] |= {"color": colours[name], "line": {"width": 3}}
    sizes = sorted({size for points in curves.values() for size in points} | {1000})
    ends = [math.log10(sizes[0]) - 0.1, math.log10(sizes[-1]) + 0.1]
    ticks = {"tickvals": sizes, "ticktext": [f"{size:,}" for size in sizes], "fixedrange": True}
    low = min((trace["y"][0] for trace in traces), default=0.5)
    return _figure(
        traces,
        _axis("training digits", type="log", range=ends, showgrid=True, **ticks)
        | _under_pointer("%{x:,} digits"),
        _axis("accuracy on the test digits", range=[math.floor(low * 10) / 10, 1.005]),
        hovermode="x unified",
        showlegend=True,
    )


def confusion_matrix(
    counts: ArrayLike, title: str = "", true: int | None = None, answer: int | None = None
) -> go.Figure:
    """What each digit was taken for. Colour shows the errors only; the diagonal stays grey.

    Heatmaps do not tell which cell was clicked. So the counts stand on squares that are not seen,
    one a cell, which can be selected: ``x`` is the answer, ``y`` the true label.

    Args:
        counts: (10, 10) whole numbers, true labels in rows, answers in columns. Zeros are left
            blank.
        title: stands above the matrix.
        true: the row that is looked at.
        answer: the column that is looked at; with both, it is the one cell.
    """
    matrix = np.asarray(counts)
    digits = list(range(len(matrix)))
    errors = np.where(np.eye(len(matrix), dtype=bool), 0, matrix)
    most = max(1, int(errors.max(initial=0)))
    grey = [[1 if row == column else None for column in digits] for row in digits]
    cells: Trace = {"type": "heatmap", "x": digits, "y": digits, "showscale": False}
    cells |= {"xgap": 2, "ygap": 2, "hoverinfo": "skip"}
    wrong = {"z": _numbers(errors), "zmin": 0, "zmax": most, "colorscale": WRONG_SCALE}
    right = {"z": grey, "colorscale": [[0, FAINT], [1, FAINT]]}
    rows, columns = np.indices(matrix.shape).reshape(2, -1)
    written = [f"{count:,}" if count else "" for count in matrix.ravel().tolist()]
    # A narrow cell has no room for four large digits.
    sizes = [SMALL if len(text) > 3 else TEXT for text in written]
    unseen = {"size": 30, "symbol": "square", "opacity": 0, "color": NEUTRAL}
    # What is selected, and what is not, looks as before: the mark is drawn below.
    as_before = {"marker": {"opacity": 0}, "textfont": {"color": INK}}
    traces = [
        cells | wrong,
        cells | right,
        _words(_numbers(columns), _numbers(rows), written)
        | {"mode": "markers+text", "marker": unseen, "hoverinfo": "all"}
        | {"textfont": {"color": INK, "size": sizes}}
        | {"selected": as_before, "unselected": as_before}
        | {"customdata": _numbers(matrix.ravel())}
        | {"hovertemplate": "true %{y}, answer %{x}: %{customdata:,}<extra></extra>"},
    ]
    ends = [-0.5, len(matrix) - 0.5]
    return _figure(
        traces,
        _labels_axis("the network’s answer", digits, answer) | {"range": ends},
        _labels_axis("true digit", digits, true) | {"range": ends[::-1]},
        title={"text": _plain(title), "font": _font(TITLE)},
        height=520,
        showlegend=False,
        hovermode="closest",
        # However large a cell is, the pointer in it means its middle.
        hoverdistance=-1,
        shapes=_marked(len(matrix), true, answer),
    )


def _labels_axis(title: str, digits: Sequence[int], chosen: int | None) -> dict[str, Any]:
    """The labels of a matrix's rows or columns, the chosen one bold."""
    words = [f"<b>{digit}</b>" if digit == chosen else str(digit) for digit in digits]
    axis = _axis(f"<b>{title}</b>", zeroline=False, tickvals=list(digits), ticktext=words, **STILL)
    axis["title"]["font"] = axis["tickfont"] = _font(TITLE)
    return axis


def _marked(size: int, row: int | None, column: int | None) -> list[Trace]:
    """Boxes around a row and a column of a matrix, the heaviest around what both share."""

    def box(across: int | None, down: int | None, width: int) -> Trace:
        x0, x1 = (-0.5, size - 0.5) if across is None else (across - 0.5, across + 0.5)
        y0, y1 = (-0.5, size - 0.5) if down is None else (down - 0.5, down + 0.5)
        line = {"color": INK, "width": width}
        return {"type": "rect", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": line}

    if row is None and column is None:
        return []
    if row is None or column is None:
        return [box(column, row, 4)]
    return [box(None, row, 2), box(column, None, 2), box(column, row, 5)]


def reliability(calibrations: Mapping[str, Calibration], enough: int = 30) -> go.Figure:
    """How often each network is right when it is so sure; on the dotted line it is as often.

    Args:
        calibrations: for each network its bins.
        enough: a bin of fewer digits is left out, since its share is mostly chance.
    """
    colours = run_colours(calibrations)
    look = {"dash": "dot", "hoverinfo": "skip", "hovertemplate": None}
    traces = [_line("as sure as right", [0, 1], [0, 1], NEUTRAL, **look)]
    for (name, found), symbol in zip(calibrations.items(), cycle(SYMBOLS), strict=False):
        full = found.counts >= enough
        line = _line(_plain(name), [], found.accuracy[full], colours[name], symbol=symbol)
        hover = "%{x:.3f} sure, %{y:.3f} right, of %{customdata:,} digits"
        traces.append(
            line
            | {"x": _numbers(found.sureness[full]), "customdata": _numbers(found.counts[full])}
            | {"marker": {"size": 13, "symbol": symbol}, "hovertemplate": hover}
        )
    sides = ["right more often than sure", "surer than right"]
    corners = {"textposition": ["bottom right", "top left"], "textfont": _font(TEXT)}
    traces.append(_words([0.02, 0.99], [0.98, 0.02], sides, **corners, showlegend=False))
    still = {"range": [0, 1.03], "dtick": 0.2, "fixedrange": True}
    return _figure(
        traces,
        _axis("how sure the network is", **still),
        _axis("share answered right", **still),
        height=520,
        showlegend=True,
        hovermode="closest",
    )


# What a figure is measured in: type, marks, lines and what stands around them, in pixels.
LENGTHS = ("size", "standoff", "spikethickness", "l", "r", "t", "b")


def enlarged(figure: go.Figure, by: float) -> go.Figure:
    """The same figure with larger type, thicker lines and larger marks, in the same room.

    Args:
        figure: stays as it is.
        by: how many times larger. Type that is set word by word grows half as much: such words
            stand in cells, which do not grow.
    """
    drawn = figure.to_plotly_json()
    layout = _grown(drawn["layout"], by)
    return go.Figure(
        {"data": [_grown(trace, by) for trace in drawn["data"]], "layout": layout}, _validate=False
    )


def _grown(part: Any, by: float, of: str = "") -> Any:
    """A part of a figure, ``of`` its parent's name, with all its lengths grown."""
    if not isinstance(part, dict):
        return part
    grown = {}
    for name, value in part.items():
        # Elsewhere a width is one of the data's.
        if name in LENGTHS or (name == "width" and of == "line"):
            grown[name] = _times(value, by)
        elif name == "shapes":
            grown[name] = [_grown(shape, by) for shape in value]
        else:
            grown[name] = _grown(value, by, name)
    return grown


def _times(length: Any, by: float) -> Any:
    if isinstance(length, list | tuple):
        return [each * (1 + by) / 2 for each in length]
    return length * by
