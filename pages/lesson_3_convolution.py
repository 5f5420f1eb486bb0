from __future__ import annotations

import numpy as np
import streamlit as st

from lesson import mnist
from lesson.convolution import conv2d
from lesson.filters import FAMILIES, most_alike, when_turned
from lesson.formulas import (
    OUTPUT_SIZE_VALID,
    cell_written_out,
    filter_lines,
    output_size_with_numbers,
)
from lesson.pictures import PICTURES
from lesson.specs import IMAGE_SHAPE, NOTEBOOK_RUNS, Conv2D, Dense
from lesson.ui import controls, digits, explorer, frame, kernels, resources
from lesson.ui.explorer import Map, Mark

SLUG = "convolution"
TITLES = {"digit": "Test digit", **{slug: drawn.name for slug, drawn in PICTURES.items()}}

frame.header(SLUG)
digit = digits.choose()

left, second, third, right = st.columns(4)
with left:
    chosen = controls.select(
        "Picture", "convolution_picture", list(TITLES), "digit", TITLES.__getitem__
    )
with right:
    strides = controls.slider("strides", "convolution_strides", 1, 4, 1)
with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    relu = controls.toggle("ReLU: below 0 becomes 0", "convolution_relu")
    flip = controls.toggle("Turn the kernel by half a turn", "convolution_flip")
    kernel = kernels.choose(second, third, st.container(width="content"))

picture = PICTURES[chosen].values if chosen in PICTURES else mnist.scale(digit.image)
size = kernel.size
laid = kernel.weights[::-1, ::-1] if flip else kernel.weights  # as they lie over the picture
sums = conv2d(picture[..., None], laid[..., None, None], strides=strides)[..., 0]
side = len(sums)
main = st.container()  # filled below, when the cell to mark is known

st.subheader("One cell of the result", anchor=False)
left, right = st.columns((3, 1), vertical_alignment="bottom", gap="large")
with left:
    row, column = kernels.choose_cell(sums)
with right:
    bias = controls.slider("bias", "convolution_bias", -3.0, 3.0, 0.0, 0.25)
result = np.maximum(sums + np.float32(bias), 0) if relu else sums + np.float32(bias)
top, start = row * strides, column * strides
window = Mark(top, start, top + size, start + size, "one window")
answer = Mark(row, column, row + 1, column + 1, "its answer", "result")
with main:
    title = f"A {digit.label}" if chosen == "digit" else TITLES[chosen]
    rule = f"Result, {side}×{side}" + (", after ReLU" if relu else "")
    explorer.pixels(
        [
            Map(picture, title, high=1, marks=[window], decimals=2),
            Map(laid, kernel.name, scale="diverging", numbers=True),
            Map(result, rule, scale="diverging", marks=[answer], decimals=2),
        ],
        key="convolution_main",
        alt=f"{title}, the kernel {kernel.name}, and what it gives at each place",
        between=("∗", "="),
        height=370,
    )

left, right = st.columns(2, gap="large") if size <= 3 else (st.container(), st.container())
under = picture[window.top : window.bottom, window.left : window.right]
with left:
    explorer.pixels(
        [
            Map(under, "Under the window", high=1, numbers=True, decimals=2),
            Map(laid, "Weights", scale="diverging", numbers=True),
        ],
        key="convolution_cell",
        alt="The pixels under the window and the weights that lie on them",
        between=("×",),
        height=200 if size <= 3 else 320,
        legend=False,
    )
with right:
    st.markdown(
        f"Row {row}, column {column} of the result: each pixel under the window times the weight "
        "that lies on it, all added up."
    )
    st.latex(cell_written_out(under, laid, bias, relu))

st.subheader("What the filter does", anchor=False)
left, right = st.columns(2, gap="large")
with left:
    st.markdown(
        f"{kernel.says}\n\nA filter lies on the picture and gives one number, moves on by {strides} "
        f"and gives the next: {side} places down and {side} across, the same weights at each. "
        "Blue is above 0, orange below."
    )
    st.latex(f"{OUTPUT_SIZE_VALID} = {output_size_with_numbers(28, size, strides)}")
    st.markdown(
        "As in Keras, the weights lie over the picture as they are written. Mathematics calls "
        "that *cross-correlation*; its *convolution* turns the kernel by half a turn first. "
        f"{when_turned(kernel.weights)} For a network it makes no difference: it learns the weights "
        "that suit the way they are used."
    )

st.subheader("Several filters at once", anchor=False)
others = [f.at(size) for slug, f in FAMILIES.items() if slug != kernel.slug and f.has(size)]
filters = controls.slider("filters", "convolution_filters", 1, min(6, len(others) + 1), 6)
layer = Conv2D(filters, size, strides, activation="relu" if relu else "linear")
with right:
    frame.keras_lines(filter_lines(layer, kernel.weights, bias, flip))
several = np.stack([kernel.weights, *others[: filters - 1]], axis=-1)
biases = np.float32(bias) * np.eye(filters, dtype=np.float32)[0]
maps = conv2d(picture[..., None], several[:, :, None], biases, strides=strides, flip=flip)
maps = np.maximum(maps, 0) if relu else maps
explorer.gallery(
    [
        Map(weights, scale="diverging", high=float(abs(weights).max()))
        for weights in several.transpose(2, 0, 1)
    ]
    + [Map(answers, scale="diverging") for answers in maps.transpose(2, 0, 1)],
    key="convolution_gallery",
    alt=f"{filters} filters above, and below each what it makes of the picture",
    columns=filters,
    height=330,
    legend=False,
)
st.markdown(
    f"Each filter has weights of its own and gives a picture of its own: the output has the shape "
    f"{side}×{side}×{filters}, and the layer {layer.arithmetic(IMAGE_SHAPE)} parameters, one bias "
    "for each filter among them. The notebook's text speaks of `filters = 6`; its code has 16."
)

st.subheader("What CNN 1 learned by itself", anchor=False)
run = resources.find(NOTEBOOK_RUNS["CNN 1"])
if run is None or run.weights is None:
    st.info("The trained CNN 1 is missing from assets/runs, so its filters cannot be shown.")
else:
    learned = run.weights[0][:, :, 0].transpose(2, 0, 1)
    answers = np.maximum(conv2d(picture[..., None], *run.weights[:2]), 0).transpose(2, 0, 1)
    shown = [Map(weights, f"{n}", scale="diverging") for n, weights in enumerate(learned, 1)]
    given = [Map(values) for values in answers]
    explorer.gallery(
        shown[:8] + given[:8] + shown[8:] + given[8:],
        key="convolution_learned_gallery",
        alt="The sixteen kernels that CNN 1 learned, and below each what it makes of the picture",
        columns=8,
        height=560,
    )
    left, right = st.columns((1, 2), gap="large")
    with left:
        n = controls.slider("Learned filter", "convolution_learned", 1, len(learned), 1)
    alike = [most_alike(weights) for weights in learned]
    slug, cosine = alike[n - 1]
    turned = ", all its signs changed" if cosine < 0 else ""
    with right:
        st.markdown(
            f"Below each kernel stands what it gives, after bias and ReLU. Filter {n} is most like "
            f"**{FAMILIES[slug].name}**{turned}: likeness {abs(cosine):.2f}, where 1 is the same "
            f"pattern (the cosine). {sum(abs(c) >= 0.8 for _, c in alike)} of the {len(alike)} reach "
            "0.8 with a kernel made by hand; the others have no name."
        )
    by_hand = np.float32(np.sign(cosine)) * FAMILIES[slug].at(3)
    pair = np.stack([learned[n - 1], by_hand], axis=-1)[:, :, None]
    first, second = conv2d(picture[..., None], pair).transpose(2, 0, 1)
    explorer.pixels(
        [
            Map(learned[n - 1], f"Filter {n}", scale="diverging", numbers=True),
            Map(first, "gives", scale="diverging"),
            Map(by_hand, "By hand", scale="diverging", numbers=True),
            Map(second, "gives", scale="diverging"),
        ],
        key="convolution_alike",
        alt=f"Learned filter {n} and the kernel {FAMILIES[slug].name}, with their results",
        height=280,
    )

frame.question(
    "What do we choose in a convolutional layer, and what does training find?",
    "We choose the hyperparameters: how many `filters`, and their `kernel_size`; also `strides`, "
    "`padding` and the activation. Training finds every weight of every filter, and one bias each.",
)
dense, conv = Dense(26 * 26 * 16).parameters((28 * 28,)), Conv2D(16).parameters(IMAGE_SHAPE)
frame.question(
    "Why does a convolutional layer need so few parameters?",
    "Because a filter uses the same few weights at each place, and looks only at neighbours. Sixteen "
    f"3×3 filters have {conv:,} parameters for 26×26×16 outputs. A Dense layer with as many outputs "
    f"would have {dense:,}.",
)
frame.question(
    "How does a filter find an edge?",
    "Its weights are below 0 on one side and above 0 on the other, and add up to 0. Where all pixels "
    "under it are alike the products cancel; where one side is brighter they do not. The sign says "
    "which side, and turning the weights turns the direction: try the four edge kernels on the "
    "circle.",
)
frame.footer(SLUG)
