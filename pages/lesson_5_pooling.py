from __future__ import annotations

import numpy as np
import streamlit as st

from lesson import export, figures, mnist, network, pooled
from lesson.convolution import coverage, dropped, padding_amounts
from lesson.evaluation import SHIFTS, move
from lesson.shipped import VARIANTS, seeds_of
from lesson.specs import (
    CNN_1,
    FEEDFORWARD,
    NOTEBOOK_RUNS,
    PADDINGS,
    AveragePooling2D,
    MaxPooling2D,
    NetworkSpec,
    shape_text,
)
from lesson.ui import controls, digits, explorer, frame, resources
from lesson.ui.explorer import Map, Mark

SLUG = "pooling"
DIGIT = "the digit"
KINDS = {"max": MaxPooling2D, "average": AveragePooling2D}
AVERAGED, MOVED = 500, 3

frame.header(SLUG)
digit = digits.choose()
cnn_1 = resources.find(NOTEBOOK_RUNS["CNN 1"])
MAPS = [f"feature map {n}" for n in range(1, 17)] if cnn_1 and cnn_1.weights else []

with st.container(horizontal=True, vertical_alignment="top"):
    source = controls.select(
        "Input", "pooling_input", [DIGIT, *MAPS], DIGIT, help="Or what a filter of CNN 1 sees."
    )
    pool_size = controls.slider("pool_size", "pooling_pool_size", 1, 8, 2)
    chosen = controls.select(
        "strides", "pooling_strides", ["None", *"12345678"], "None",
        help="How far the window moves. None, as in Keras, means as far as pool_size.",
    )
    padding = controls.segmented("padding", "pooling_padding", PADDINGS, "valid")
    kind = controls.segmented("Shown", "pooling_kind", ["both", *KINDS], "both")


def look(images: mnist.UInt8) -> network.Float32:
    """What the pooling gets of digits: the pictures, or one feature map of each."""
    if source == DIGIT or not cnn_1 or not cnn_1.weights:
        return mnist.to_float32(mnist.reshape(images))
    return pooled.feature_map(CNN_1, cnn_1.weights, images, MAPS.index(source))


@st.cache_data(max_entries=2000, show_spinner=False)
def mean_change(source: str, layer: pooled.Pooling | None, right: int) -> pooled.Change:
    """What moving the first test digits does, looked at as ``source``, before or after a layer."""
    images = mnist.load().x_test[:AVERAGED]
    return pooled.moved_change(look(images), look(move(images, right)), layer)


strides = None if chosen == "None" else int(chosen)
layers = {name: layer(pool_size, strides, padding) for name, layer in KINDS.items()}
shown = {name: layer for name, layer in layers.items() if kind in ("both", name)}
_, step, *_ = layers["max"].window
before = look(digit.image[None])
picture = before[0, ..., 0]
side = len(picture)
top, bottom = padding_amounts(side, pool_size, step, padding)
beyond = dropped(side, pool_size, step, padding)
telling = pooled.telling_window(picture, layers["max"])
box, row, column = telling.box, telling.row, telling.column
full = 255.0 if source == DIGIT else float(picture.max()) or 1.0
places = 0 if source == DIGIT else 2
values = {"max": telling.largest, "average": telling.mean}
maps = [
    Map(
        np.pad(picture, (top, bottom)),
        f"Input, {side}×{side}",
        high=full,
        decimals=places,
        padding=(top, bottom, bottom, top),
        dropped=(beyond, beyond),
        marks=[Mark(box.top + top, box.left + top, box.bottom + top, box.right + top, "a window")],
    )
]
for name, layer in shown.items():
    after = network.apply(layer, before, ())[0, ..., 0]
    size = len(after)
    word = "largest" if name == "max" else "mean"
    said = f"of the window's {telling.pixels} values the {word}: {values[name]:.{places}f}"
    mark = Mark(row, column, row + 1, column + 1, said, "result")
    maps.append(
        Map(after, f"{name}, {size}×{size}", high=full, decimals=places, marks=[mark])
    )
alt = f"{source} before and after pooling with pool_size {pool_size} and strides {step}"
explorer.pixels(maps, key="pooling_maps", alt=alt, legend=False)
