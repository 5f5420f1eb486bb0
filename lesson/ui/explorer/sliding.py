"""The explorer's main picture: a window slid over an input, step by step, cell by cell.

Input, kernel with its arithmetic, and result stand side by side. Python hands over finished
arrays; pointing, stepping and playing happen in the browser alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lesson.convolution import Window, padding_amounts
from lesson.sliding import Slide, Stop
from lesson.ui.explorer.component import mount
from lesson.ui.explorer.maps import Map, Scale, encode


@dataclass(frozen=True, eq=False)
class Before:
    """A layer in front of the input, for the receptive field: what it gave, and its window.

    Attributes:
        name: the layer's, or "digit".
        values: ``(height, width)``: one of its maps.
        window: the window that leads from this layer's output to the next one shown, the last of
            them to the input of the slide.
    """

    name: str
    values: npt.NDArray[np.generic]
    window: Window


def sliding(
    slide: Slide,
    *,
    key: str,
    alt: str,
    titles: Sequence[str],
    scale: Scale = "ink",
    high: float | None = None,
    decimals: int = 2,
    layer_high: float | None = None,
    before: Sequence[Before] = (),
    plot: bool = False,
    lead: float | None = None,
    height: int | None = None,
    channel: int = 0,
    on_edit: Callable[[], None] | None = None,
    reset: str = "",
) -> None:
    """Draw the explorer.

    Args:
        slide: what is shown.
        key: Streamlit's key; the picture is changed in place as long as it stays the same.
        alt: what the picture shows, for those who do not see it.
        titles: of the input, the kernel, and each result.
        scale: the colours of the input: ``"ink"``, ``"diverging"`` or ``"count"``.
        high: the upper end of the input's colours.
        decimals: places behind the point in the input's cells.
        layer_high: the largest value of the whole layer: with it the reader can switch the colours
            of the result between this map's scale and the layer's.
        before: the layers in front of the input, the picture first: the receptive field of the cell
            in hand is drawn on each.
        plot: the input is a series ``(1, 1, length)``, drawn as bars.
        lead: by how many values the first answer stands behind the first value; by default it
            stands in the middle of its window.
        height: the largest height of a map in pixels.
        channel: the channel that is shown large at first.
        on_edit: with it weights and bias can be changed in place: the browser's
            ``{"channel": int, "row": int, "column": int, "value": float}``, for the bias
            ``{"bias": float}``, is put into ``st.session_state[key].edit``, not checked, and this
            is called.
        reset: what a reset gives back, as "Reset to box blur": with it there is a button, whose
            edit is ``{"reset": True}``.

    Raises:
        LessonError: a value cannot be drawn.
    """
    name, kernel_name, *result_names = titles
    if scale == "count":
        decimals = 0
    maps = [
        Map(
            slide.inputs,
            name,
            scale=scale,
            high=high,
            decimals=decimals,
            padding=slide.padding,
            dropped=slide.dropped,
            role="input",
        ),
        Map(slide.kernel, kernel_name, scale="diverging", role="kernel"),
    ]
    convolves = "convolution" in slide.results
    if len(slide.parts) > 1:
        maps.append(Map(slide.parts, "part", scale="diverging", decimals=2, role="parts"))
    if convolves and slide.activation != "linear":
        maps.append(Map(slide.sums, "sums", scale="diverging", decimals=2, role="sums"))
    given: Scale = "diverging" if convolves else "count" if "count" in slide.results else scale
    ends = None if convolves or given == "count" else high
    for operation, title in zip(slide.results, result_names, strict=True):
        values = slide.results[operation]
        places = 2 if convolves else 0 if given == "count" else decimals
        maps.append(Map(values, title, scale=given, high=ends, decimals=places, role="output"))
    layout: dict[str, Any] = {
        "kind": "sliding",
        "alt": alt,
        "operations": list(slide.results),
        "strides": slide.strides,
        "dilation": slide.dilation_rate,
        "bias": slide.bias,
        "activation": slide.activation,
        "stops": [[_place(slide, stop), stop.says] for stop in slide.stops],
        "rest": next(_place(slide, stop) for stop in slide.stops if stop.most),
        "channel": channel,
    }
    if plot:
        layout |= {"plot": True, "lead": lead}
    if height:
        layout["height"] = height
    if layer_high is not None:
        layout["layerHigh"] = float(layer_high)
    if before:
        layout["before"] = [
            [b.window.kernel_size, b.window.strides, *_lead(b), b.window.dilation_rate]
            for b in before
        ]
        maps += [Map(b.values, b.name, scale="diverging", role="before") for b in before]
    callbacks = {}
    if on_edit:
        layout |= {"editable": True, "reset": reset or None}
        callbacks["on_edit_change"] = on_edit
    mount(key, encode(maps, **layout), **callbacks)


def _place(slide: Slide, stop: Stop) -> int:
    """Which of the result's cells it is, row after row."""
    return stop.row * slide.sums.shape[1] + stop.column


def _lead(before: Before) -> tuple[int, int]:
    """How many rows and columns of padding stand before the first pixel of a layer's output."""
    w = before.window
    settings = (w.kernel_size, w.strides, w.padding, w.dilation_rate)
    height, width = before.values.shape
    return padding_amounts(height, *settings)[0], padding_amounts(width, *settings)[0]
