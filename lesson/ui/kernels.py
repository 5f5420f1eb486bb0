"""The kernel in hand, named or the reader's own, edited in place; filters over their maps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from streamlit.errors import StreamlitAPIException

from lesson.convolution import conv2d
from lesson.filters import FAMILIES, Float32
from lesson.ui import controls, explorer, links
from lesson.ui.explorer import Map

CUSTOM = "custom"
DEFAULT = "vertical-edges"
KEY = "convolution_kernel"
SIZE_KEY = "convolution_kernel_size"
BIAS_KEY = "convolution_bias"
FLIP_KEY = "convolution_flip"
RELU_KEY = "convolution_relu"
LEARNED_KEY = "convolution_learned"
TAKEN_WITH = (KEY, SIZE_KEY, BIAS_KEY, FLIP_KEY, RELU_KEY, LEARNED_KEY)  # a learned filter
NAMED_KEY = "_convolution_named"  # the kernel that was in hand before the reader's own
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
    """A kernel: its name, what it does in a sentence, its weights ``(size, size)``.

    Of a kernel of the reader's own, ``reset`` says what a reset gives back.
    """

    slug: str
    name: str
    says: str
    weights: Float32
    reset: str = ""

    @property
    def size(self) -> int:
        return len(self.weights)


def choose(kernel_place: Any, size_place: Any, fields_place: Any, room: int = LARGEST) -> Choice:
    """The controls for the kernel in hand, each in its container, and the kernel that they hold.

    It is no larger than ``room``, the shorter side of the picture.

    A kernel of one's own has a field for each weight, beside the explorer in which it is edited in
    place: so its values stand in the address.
    """
    with kernel_place:
        slug = controls.select("Kernel", KEY, list(NAMES), DEFAULT, NAMES.__getitem__)
    family = FAMILIES.get(slug)
    smallest, largest = (family.smallest, family.largest) if family else (1, LARGEST)
    with size_place:
        size = controls.slider("kernel_size", SIZE_KEY, smallest, min(largest, LARGEST, room), 3)
    with fields_place:
        if family:
            weights = family.at(size)
            st.button("Edit the weights", "convolution_edit", on_click=_own, args=(weights,))
            return Choice(slug, family.name, family.says, weights)
        if size > 3:
            st.html(NARROW)
        with st.container(key="convolution_fields"):
            weights = _fields(size)
    says = "These weights are yours: blue ones count for the answer, orange ones against it."
    named = st.session_state.get(NAMED_KEY, DEFAULT)
    return Choice(slug, NAMES[CUSTOM], says, weights, f"Reset to {NAMES[named].lower()}")


def take_edit(key: str, weights: Float32, flip: bool) -> None:
    """Take what was changed in the explorer ``key``: one weight, the bias, or all taken back.

    What the browser sends is checked here: a place outside of the kernel or a value that is no
    number is dropped, a value out of bounds is moved to the nearest.

    Args:
        weights: the kernel in hand, ``(size, size)``.
        flip: whether it lies turned over the picture, so that places count from the other end.
    """
    edit = st.session_state[key].edit
    if not isinstance(edit, dict):
        return
    if edit.get("reset") is True and not links.refuses(KEY):
        _reset()
    if (bias := within(edit.get("bias"))) is not None and not links.refuses(BIAS_KEY):
        st.session_state[BIAS_KEY] = bias
    value, places = within(edit.get("value")), range(len(weights))
    # Looked up, so that 1.0 and 1 are one place and anything else is none.
    place = [n for key in ("row", "column") for n in places if n == edit.get(key)]
    if value is None or len(place) != 2:
        return
    row, column = (places[-1 - n] for n in place) if flip else place
    changed = weights.copy()
    changed[row, column] = value
    _own(changed)


def take_named(key: str) -> None:
    """Take the kernel whose slug was chosen in the gallery ``key``."""
    slug = st.session_state[key].chosen
    if isinstance(slug, str) and slug in FAMILIES and not links.refuses(KEY):
        st.session_state[KEY] = slug


def take_learned(key: str, learned: Float32, biases: Float32) -> None:
    """Take the learned filter whose number, from 1, was chosen in the gallery ``key``.

    Args:
        learned: ``(size, size, filters)``.
        biases: ``(filters,)``.
    """
    number = st.session_state[key].chosen
    if number not in range(1, len(biases) + 1) or links.refuses(*TAKEN_WITH):
        return
    number = int(number)
    st.session_state[LEARNED_KEY] = number
    st.session_state[SIZE_KEY] = len(learned)
    # As in the network: the bias is added, and ReLU follows.
    st.session_state[BIAS_KEY] = round(float(biases[number - 1]), 6)
    st.session_state[RELU_KEY], st.session_state[FLIP_KEY] = True, False
    _own(learned[:, :, number - 1])


def within(value: object) -> float | None:
    """A weight that the browser sent, moved into the bounds; ``None`` where it is no number.

    >>> within(2), within(1e9), within("2"), within(float("nan"))
    (2.0, 99.0, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Bounded before it is made a float: a whole number may be larger than any of them.
    return float(min(max(value, -LIMIT), LIMIT)) if abs(value) < math.inf else None


def answers(
    picture: Float32,
    weights: Float32,
    biases: Float32,
    strides: int = 1,
    relu: bool = True,
    flip: bool = False,
) -> Float32:
    """What a layer makes of a picture with one channel: ``(filters, rows, columns)``.

    Args:
        picture: ``(height, width)``.
        weights: ``(size, size, filters)``.
        biases: ``(filters,)``.
    """
    kernel = weights[:, :, None]
    maps = conv2d(picture[..., None], kernel, biases, strides=strides, flip=flip)
    return (np.maximum(maps, 0) if relu else maps).transpose(2, 0, 1)


def gallery(
    weights: Float32,
    answers: Float32,
    *,
    key: str,
    columns: int,
    numbered: bool = False,
    choices: Sequence[int | str] = (),
    chosen: int | str | None = None,
    on_chosen: Callable[[], None] | None = None,
) -> None:
    """Filters, and below each what it makes of a picture.

    Args:
        weights: ``(size, size, filters)``.
        answers: ``(filters, rows, columns)``.
        columns: filters in a row.
        numbered: whether they have numbers, from 1, instead of their weights written out.
        choices, chosen, on_chosen: as for :func:`explorer.gallery`, a choice for each filter.
    """
    above = [
        Map(
            values,
            f"{n}" if numbered else "",
            scale="diverging",
            high=float(abs(values).max()),
            numbers=False if numbered else None,
            choice=choices[n - 1] if choices else None,
        )
        for n, values in enumerate(weights.transpose(2, 0, 1), 1)
    ]
    below = [
        Map(values, scale="diverging", choice=above[n].choice) for n, values in enumerate(answers)
    ]
    drawn: list[Map] = []
    for start in range(0, len(above), columns):
        drawn += [*above[start : start + columns], *below[start : start + columns]]
    height = 330 * -(-len(above) // columns) - 70  # a title and a gap are taken off each row
    alt = f"{len(above)} filters, and below each what it makes of the picture"
    explorer.gallery(
        drawn,
        key=key,
        alt=alt,
        columns=columns,
        height=height,
        legend=False,
        chosen=chosen,
        on_chosen=on_chosen,
    )


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


def _own(weights: Float32) -> None:
    """Take weights as the reader's own."""
    keys = [_key(row, column) for row, column in np.ndindex(weights.shape)]
    if links.refuses(*keys) or (st.session_state.get(KEY) != CUSTOM and links.refuses(KEY)):
        return
    if (named := st.session_state.get(KEY, DEFAULT)) != CUSTOM:
        st.session_state[NAMED_KEY] = named
    st.session_state[KEY] = CUSTOM
    for (row, column), weight in np.ndenumerate(weights):
        key, value = _key(row, column), round(float(weight), 6)
        st.session_state[key] = value
        # A field on the page writes itself into the address, and Streamlit lets nobody else do it;
        # those that are not there yet do not.
        with suppress(StreamlitAPIException):
            if value != UNSET:
                st.query_params[key] = str(value)
            elif key in st.query_params:
                del st.query_params[key]


def _reset() -> None:
    """Take the named kernel again that was in hand before."""
    st.session_state[KEY] = st.session_state.get(NAMED_KEY, DEFAULT)
