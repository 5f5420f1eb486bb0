"""The explorer's overview: a whole network for one digit, a column of maps for each layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lesson.errors import LessonError
from lesson.layers import Conv2D, Dropout, Flatten, shape_text
from lesson.network import Float32
from lesson.specs import LedgerRow, NetworkSpec
from lesson.ui.explorer.component import mount
from lesson.ui.explorer.maps import Map, encode
from lesson.windows import padding_amounts

INPUT = "digit"


def network(
    spec: NetworkSpec,
    activations: Sequence[Float32],
    *,
    key: str,
    alt: str,
    height: int | None = None,
    on_chosen: Callable[[], None] | None = None,
) -> None:
    """Draw the overview.

    Args:
        spec: the network.
        activations: what :func:`lesson.network.forward` gives for one digit.
        key: Streamlit's key; the picture is changed in place as long as it stays the same.
        alt: what the picture shows, for those who do not see it.
        height: the largest height of the columns in pixels; by default what the window has.
        on_chosen: called when a unit is opened; ``st.session_state[key].chosen`` then holds the
            layer and the unit as ``"conv2d_1/5"``, maps and units counted from 1, classes by their
            digit. It comes from the browser and is not checked.

    Raises:
        LessonError: the activations are not those of one digit in this network.
    """
    callbacks = {"on_chosen_change": on_chosen} if on_chosen else {}
    mount(key, payload(spec, activations, alt, height, bool(on_chosen)), **callbacks)


def payload(
    spec: NetworkSpec,
    activations: Sequence[Float32],
    alt: str,
    height: int | None = None,
    choose: bool = False,
) -> bytes:
    """The overview as it travels: each value once, as ``float32``, with one scale for a layer.

    What Flatten gives and Dropout passes on are values that another layer has sent already.
    """
    shapes = [values.shape for values in activations]
    if shapes != [(1, *shape) for shape in spec.shapes]:
        raise LessonError(
            f"An overview shows one digit, shapes {[(1, *shape) for shape in spec.shapes]}, but "
            f"the activations have {shapes}. Take them from the forward pass of this network."
        )
    maps = [_map(activations[0])]
    layers: list[dict[str, Any]] = [
        {"name": INPUT, "shape": shape_text(spec.input_shape), "kind": "maps", "map": 0}
    ]
    layers[0]["role"] = "input"
    for row, values in zip(spec.ledger, activations[1:], strict=True):
        if isinstance(row.layer, Dropout):
            continue
        layers.append(_entry(row))
        if not isinstance(row.layer, Flatten):
            layers[-1]["map"] = len(maps)
            maps.append(_map(values))
    layout: dict[str, Any] = {"kind": "network", "alt": alt, "layers": layers}
    if height:
        layout["height"] = height
    if choose:
        layout["choose"] = True
    return encode(maps, **layout)


def _map(values: Float32) -> Map:
    """An activation of one digit: its maps as a stack, or its row."""
    return Map(values[0].transpose(2, 0, 1) if values.ndim == 4 else values, scale="diverging")


def _entry(row: LedgerRow) -> dict[str, Any]:
    """What the browser must know of a layer: how it is drawn, and its window on each axis."""
    entry: dict[str, Any] = {"name": row.name, "shape": shape_text(row.output_shape)}
    layer = row.layer
    if isinstance(layer, Flatten):
        entry["kind"] = "flatten"
    elif len(row.output_shape) == 1:
        entry["kind"] = "classes" if getattr(layer, "activation", "") == "softmax" else "units"
    else:
        entry["kind"] = "maps"
    window = getattr(layer, "window", None)
    if window:
        kernel_size, strides, _, dilation_rate = window
        top, left = (padding_amounts(size, *window)[0] for size in row.input_shape[:2])
        entry["window"] = [kernel_size, strides, top, left, dilation_rate]
        # A filter looks at all maps of the layer before, pooling at one.
        if isinstance(layer, Conv2D):
            entry["mixes"] = True
    return entry
