from __future__ import annotations

import numpy as np
import streamlit as st

from lesson import mnist
from lesson.convolution import conv2d
from lesson.filters import FAMILIES, most_alike, when_turned
from lesson.formulas import OUTPUT_SIZE_VALID, cell_written_out, filter_lines, output_size_numbers
from lesson.layers import Conv2D
from lesson.pictures import PICTURES
from lesson.specs import IMAGE_SHAPE, NOTEBOOK_RUNS
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

if chosen in PICTURES:
    title, picture = TITLES[chosen], PICTURES[chosen].values
else:
    title, picture = f"A {digit.label}", mnist.prepare(digit.image[None])[0, ..., 0]
laid = kernel.weights[::-1, ::-1] if flip else kernel.weights  # as they lie over the picture
sums = conv2d(picture[..., None], laid[..., None, None], strides=strides)[..., 0]
size, side = kernel.size, len(sums)
main = st.container()  # filled below, when the cell to mark is known

st.subheader("One cell of the result", anchor=False)
left, right = st.columns((3, 1), vertical_alignment="bottom")
with left:
    row, column = kernels.choose_cell(sums)
with right:
    bias = controls.slider("bias", "convolution_bias", -3.0, 3.0, 0.0, 0.25)
result = np.maximum(sums + np.float32(bias), 0) if relu else sums + np.float32(bias)
top, start = row * strides, column * strides
window = Mark(top, start, top + size, start + size, "one window")
answer = Mark(row, column, row + 1, column + 1, "its answer", "result")
rule = f"Result, {side}×{side}" + (", after ReLU" if relu else "")
with main:
    before = Map(picture, title, high=1, marks=[window], decimals=2)
    filter_ = Map(laid, kernel.name, scale="diverging", numbers=True)
    after = Map(result, rule, scale="diverging", marks=[answer], decimals=2)
    alt = f"{title}, the kernel {kernel.name}, and what it gives at each place"
    explorer.pixels(
        [before, filter_, after], key="convolution_main", alt=alt, between="∗=", height=560
    )

small = size <= 3
left, right = st.columns(2, gap="large") if small else (st.container(), st.container())
under = picture[window.top : window.bottom, window.left : window.right]
with left:
    pixels = Map(under, "Under the window", high=1, numbers=True, decimals=3)
    weights = Map(laid, "Weights", scale="diverging", numbers=True)
    alt, high = "The pixels under the window and the weights on them", 200 if small else 320
    explorer.pixels(
        [pixels, weights], key="convolution_cell", alt=alt, between="×", height=high, legend=False
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
        f"{kernel.says}\n\nA filter lies on the picture and gives one number, moves on by "
        f"{strides} and gives the next: {side} places down and {side} across, the same weights at "
        "each. Blue is above 0, orange below."
    )
    st.latex(f"{OUTPUT_SIZE_VALID} = {output_size_numbers(28, size, strides)}")
    st.markdown(
        "As in Keras, the weights lie over the picture as they are written. Mathematics calls "
        "that *cross-correlation*; its *convolution* turns the kernel by half a turn first. "
        f"{when_turned(kernel.weights)} To a network it is all one: it learns the weights that "
        "suit the way they are used."
    )

st.subheader("Several filters at once", anchor=False)
others = [f.at(size) for slug, f in FAMILIES.items() if slug != kernel.slug and f.has(size)]
filters = controls.slider("filters", "convolution_filters", 1, min(6, len(others) + 1), 6)
layer = Conv2D(filters, size, strides, activation="relu" if relu else "linear")
with right:
    frame.keras_lines(filter_lines(layer, kernel.weights, bias, flip))
several = np.stack([kernel.weights, *others[: filters - 1]], axis=-1)
biases = np.float32(bias) * np.eye(filters, dtype=np.float32)[0]
kernels.gallery(
    picture, several, biases, strides, relu, flip, key="convolution_gallery", columns=filters
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
    learned, biases = run.weights[0][:, :, 0], run.weights[1]
    kernels.gallery(
        picture, learned, biases, key="convolution_learned_gallery", columns=8, numbered=True
    )
    left, right = st.columns((1, 2), gap="large")
    with left:
        n = controls.slider("Learned filter", "convolution_learned", 1, len(biases), 1)
    alike = [most_alike(one) for one in learned.transpose(2, 0, 1)]
    slug, cosine = alike[n - 1]
    turned = ", all its signs changed" if cosine < 0 else ""
    with right:
        st.markdown(
            f"Below each kernel stands what it gives, after bias and ReLU. Filter {n} is most like "
            f"**{FAMILIES[slug].name}**{turned}: likeness {abs(cosine):.2f}, where 1 is the same "
            f"pattern (the cosine). {sum(abs(c) >= 0.8 for _, c in alike)} of {len(alike)} reach "
            "0.8 with a kernel made by hand; the others have no name."
        )
    by_hand = np.float32(np.sign(cosine)) * FAMILIES[slug].at(3)
    kernels.side_by_side(
        picture,
        {f"Filter {n}": learned[:, :, n - 1], "By hand": by_hand},
        key="convolution_alike",
    )

frame.question(
    "What do we choose in a convolutional layer, and what does training find?",
    "We choose the hyperparameters: how many `filters`, and their `kernel_size`; also `strides`, "
    "`padding` and the activation. Training finds every weight of every filter, and one bias each.",
)
outputs = 26 * 26 * 16
frame.question(
    "Why does a convolutional layer need so few parameters?",
    "Because a filter uses the same few weights at each place, and looks only at neighbours. CNN 1 "
    f"has 16 filters with {Conv2D(16).parameters(IMAGE_SHAPE):,} parameters for {outputs:,} "
    f"outputs; a Dense layer from 784 pixels to as many would have {(784 + 1) * outputs:,}.",
)
frame.question(
    "How does a filter find an edge?",
    "Its weights are below 0 on one side, above 0 on the other, and add up to 0. Where all pixels "
    "under it are alike the products cancel; where one side is brighter they do not, and the sign "
    "says which side. Try the edge kernels of four directions on the circle.",
)
frame.footer(SLUG)
