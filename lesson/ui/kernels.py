"""The kernel in hand, named or the reader's own; a cell of its result; filters over their maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from lesson.convolution import conv2d
from lesson.filters import FAMILIES, Float32
from lesson.ui import controls, explorer
from lesson.ui.explorer import Map

CUSTOM = "custom"
DEFAULT = "vertical-edges"
KEY = "convolution_kernel"
SIZE_KEY = "convolution_kernel_size"
FIELDS_KEY = "convolution_weights"  # of the popover with the fields
LARGEST = 7  # kernel_size that the page offers
# A field for each of 16 weights or more: without room for labels and for buttons.
NARROW = """
<style>
  .st-key-convolution_fields [data-testid="stWidgetLabel"] { display: none; }
  .st-key-convolution_fields [data-testid="stNumberInput"] button { display: none; }
  .st-key-convolution_fields * { min-width: 0 !important; }
</style>
"""
UNSET = 1.0  # a weight of one's own that was not set
LIMIT = 99.0  # the largest weight that a reader may set
NAMES = {**{slug: family.name for slug, family in FAMILIES.items()}, CUSTOM: "Custom"}


@dataclass(frozen=True, eq=False)
class Choice:
    """A kernel: its name, what it does in a sentence, its weights ``(size, size)``."""

    slug: str
    name: str
    says: str
    weights: Float32

    @property
    def size(self) -> int:
        return len(self.weights)


def choose(kernel_place: Any, size_place: Any, fields_place: Any) -> Choice:
    """The controls for the kernel in hand, each in its container, and the kernel that they hold.

    A named kernel becomes the reader's own by a button; then each weight has a field, and its
    value stands in the address.
    """
    with kernel_place:
        slug = controls.select("Kernel", KEY, list(NAMES), DEFAULT, NAMES.__getitem__)
    family = FAMILIES.get(slug)
    smallest, largest = (family.smallest, min(family.largest, LARGEST)) if family else (1, LARGEST)
    with size_place:
        size = controls.slider("kernel_size", SIZE_KEY, smallest, largest, 3)
    with fields_place:
        if family:
            weights = family.at(size)
            st.button("Edit the weights", "convolution_edit", on_click=_edit, args=(weights,))
            return Choice(slug, family.name, family.says, weights)
        with st.popover("Edit the weights", key=FIELDS_KEY, on_change="rerun"):
            if size > 3:
                st.html(NARROW)
            with st.container(key="convolution_fields"):
                weights = _fields(size)
    says = "These weights are yours: blue ones count for the answer, orange ones against it."
    return Choice(slug, NAMES[CUSTOM], says, weights)


def choose_cell(sums: Float32) -> tuple[int, int]:
    """The controls for one cell of a result ``(height, width)``: its row and column.

    Without a choice it is the one farthest from 0, the first of several.
    """
    which, down, across = st.columns(3, vertical_alignment="bottom")
    with which:
        strongest = controls.toggle("Strongest", "convolution_strongest", True)
    if strongest:
        strongest_row, strongest_column = np.unravel_index(np.abs(sums).argmax(), sums.shape)
        return int(strongest_row), int(strongest_column)
    with down:
        row = controls.slider("row", "convolution_row", 0, len(sums) - 1, 10)
    with across:
        column = controls.slider("column", "convolution_column", 0, sums.shape[1] - 1, 10)
    return row, column


def gallery(
    picture: Float32,
    weights: Float32,
    biases: Float32,
    strides: int = 1,
    relu: bool = True,
    flip: bool = False,
    *,
    key: str,
    columns: int,
    numbered: bool = False,
) -> None:
    """Filters, and below each what it makes of a picture: a layer with one input channel.

    Args:
        picture: ``(height, width)``.
        weights: ``(size, size, filters)``.
        biases: ``(filters,)``.
        columns: filters in a row.
        numbered: whether they have numbers, from 1, instead of their weights written out.
    """
    kernel = weights[:, :, None]
    maps = conv2d(picture[..., None], kernel, biases, strides=strides, flip=flip)
    above = [
        Map(
            values,
            f"{n}" if numbered else "",
            scale="diverging",
            high=float(abs(values).max()),
            numbers=False if numbered else None,
        )
        for n, values in enumerate(weights.transpose(2, 0, 1), 1)
    ]
    answers = (np.maximum(maps, 0) if relu else maps).transpose(2, 0, 1)
    below = [Map(values, scale="diverging") for values in answers]
    drawn: list[Map] = []
    for start in range(0, len(above), columns):
        drawn += [*above[start : start + columns], *below[start : start + columns]]
    height = 330 * -(-len(above) // columns) - 70  # a title and a gap are taken off each row
    alt = f"{len(above)} filters, and below each what it makes of the picture"
    explorer.gallery(drawn, key=key, alt=alt, columns=columns, height=height, legend=False)


def side_by_side(picture: Float32, weights: Mapping[str, Float32], *, key: str) -> None:
    """Kernels ``(size, size)`` by name, each followed by what it gives, without bias and ReLU."""
    maps = []
    for name, values in weights.items():
        given = conv2d(picture[..., None], values[..., None, None])[..., 0]
        maps.append(Map(values, name, scale="diverging", numbers=True, decimals=2))
        maps.append(Map(given, "gives", scale="diverging"))
    alt = f"{' and '.join(weights)}, each with what it makes of the picture"
    explorer.pixels(maps, key=key, alt=alt, height=280)


def _fields(size: int) -> Float32:
    """A field for each weight; where nothing was set yet it is 1, which adds up the pixels."""
    rows = []
    for row in range(size):
        places = st.columns(size, gap="small")
        for column, place in enumerate(places):
            with place:
                rows.append(
                    controls.number(
                        f"{row}, {column}",
                        _key(row, column),
                        -LIMIT,
                        LIMIT,
                        UNSET,
                        0.5,
                        format="%.4g",
                    )
                )
    return np.array(rows, dtype=np.float32).reshape(size, size)


def _key(row: int, column: int) -> str:
    return f"convolution_weight_{row + 1}_{column + 1}"


def _edit(weights: Float32) -> None:
    """Take the weights in hand as the reader's own, and open the fields to change them."""
    st.session_state[KEY] = CUSTOM
    st.session_state[FIELDS_KEY] = True
    for (row, column), weight in np.ndenumerate(weights):
        key, value = _key(row, column), round(float(weight), 6)
        st.session_state[key] = value
        # Fields that are not there yet do not write themselves into the address.
        if value != UNSET:
            st.query_params[key] = str(value)
        elif key in st.query_params:
            del st.query_params[key]
