from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st

from lesson import mnist, scripts
from lesson.convolution import Window
from lesson.filters import FAMILIES, PRINTED, Float32, most_alike, when_turned
from lesson.formulas import OUTPUT_SIZE_VALID, filter_lines, legend, output_size_numbers
from lesson.layers import Conv2D, shape_text
from lesson.pictures import PICTURES
from lesson.sliding import convolution
from lesson.specs import IMAGE_SHAPE, NOTEBOOK_RUNS
from lesson.ui import controls, digits, explorer, frame, kernels, own, resources

SLUG = "convolution"
MAIN = "convolution_main"
SEVERAL = 6  # filters of a layer, as the notebook's text has them
TITLES = {
    "digit": "Digit in hand",
    **{slug: drawn.name for slug, drawn in PICTURES.items()},
    "upload": "Uploaded picture",
}


@st.cache_data(max_entries=10, show_spinner=False)
def likenesses(learned: Float32) -> list[tuple[str, float]]:
    """What each of the filters ``(size, size, filters)`` is most like: not again at each move."""
    return [most_alike(one) for one in learned.transpose(2, 0, 1)]


def taken(chosen: str, digit: digits.Digit) -> tuple[str, Float32]:
    """The picture that was chosen, 0..1, and what it is called; without an upload the digit."""
    uploaded = own.picture()
    if chosen in PICTURES:
        return TITLES[chosen], PICTURES[chosen].values
    if chosen == "upload":
        if uploaded is not None and min(uploaded.shape) >= PRINTED:
            return TITLES[chosen], uploaded
        missing = "No picture is uploaded yet" if uploaded is None else "That picture is too narrow"
        st.info(
            f"{missing}, so the digit in hand stands here. In the sidebar, choose **Upload** under "
            "*Digit from*, and a file."
        )
    return digit.title, mnist.prepare(digit.image[None])[0, ..., 0]


class Seen(NamedTuple):
    """What the explorer shows, for the rest of the page."""

    picture: Float32
    kernel: kernels.Choice
    strides: int
    bias: float
    relu: bool
    flip: bool
    names: list[str]
    several: Float32
    answers: Float32


@st.fragment
def show(digit: digits.Digit) -> Seen:
    """The controls, and the explorer that follows them at once."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = controls.select(
            "Picture", "convolution_picture", list(TITLES), "digit", TITLES.__getitem__
        )
        kernel_place, size_place = st.container(), st.container()
        strides = controls.slider("strides", "convolution_strides", 1, 4, 1)
        with st.popover("More"):
            relu = controls.toggle("ReLU: below 0 becomes 0", "convolution_relu")
            flip = controls.toggle("Turn the kernel by half a turn", "convolution_flip")
            bias = controls.number(
                "bias", "convolution_bias", -kernels.LIMIT, kernels.LIMIT, 0.0, 0.25
            )
            fields = st.container()

    title, picture = taken(chosen, digit)
    kernel = kernels.choose(kernel_place, size_place, fields, min(picture.shape))
    laid = kernel.weights[::-1, ::-1] if flip else kernel.weights  # as they lie over the picture
    size, activation = kernel.size, "relu" if relu else "linear"
    slide = convolution(
        picture[..., None], laid[..., None], Window(size, strides), bias, activation
    )
    # A layer of several filters: the one in hand keeps its place, or else comes first.
    there = [slug for slug, family in FAMILIES.items() if family.has(size)][:SEVERAL]
    names = there if kernel.slug in there else [kernel.slug, *there][:SEVERAL]
    own = np.array([name == kernel.slug for name in names], dtype=np.float32)
    several = np.stack(
        [kernel.weights if name == kernel.slug else FAMILIES[name].at(size) for name in names],
        axis=-1,
    )
    answers = kernels.answers(picture, several, np.float32(bias) * own, strides, relu, flip)
    explorer.sliding(
        slide,
        key=MAIN,
        alt=f"{title}, the kernel {kernel.name}, and what it gives at each place",
        titles=(
            f"{title}, {shape_text(picture.shape)}",
            kernel.name,
            f"Result, {shape_text(slide.result.shape)}" + (", after ReLU" if relu else ""),
        ),
        high=1,
        on_edit=lambda: kernels.take_edit(MAIN, kernel.weights, flip),
        reset=kernel.reset,
        layer_high=float(np.abs(answers).max()),
    )
    return Seen(picture, kernel, strides, bias, relu, flip, names, several, answers)


frame.header(SLUG)
digit = digits.choose()
picture, kernel, strides, bias, relu, flip, names, several, answers = show(digit)
size = kernel.size
rows, columns = answers[0].shape

left, right = st.columns(2, gap="large")
formula = f"{OUTPUT_SIZE_VALID} = {output_size_numbers(len(picture), size, strides)}"
frame.prose(
    f"## What the filter does\n\n{kernel.says}\n\nA filter lies on the picture and gives one "
    f"number, moves on by {strides} and gives the next: {rows} places down and {columns} across, "
    f"the same weights at each. Blue is above 0, orange below.\n\n$$\n{formula}\n$$\n\n"
    f"{legend(OUTPUT_SIZE_VALID)}.\n\n"
    "As in Keras, the weights lie over the picture as they are written. Mathematics calls that "
    "*cross-correlation*; its *convolution* turns the kernel by half a turn first. "
    f"{when_turned(kernel.weights)} To a network it makes no difference: it learns "
    "the weights that suit the way they are used.",
    left,
)

frame.heading("Several filters at once")
filters = controls.slider("filters", "convolution_filters", 1, len(names), len(names))
layer = Conv2D(filters, size, strides, activation="relu" if relu else "linear")
with right:
    lines = filter_lines(layer, kernel.weights, bias, flip, picture.shape)
    frame.keras_lines(lines, partial(scripts.convolution, lines, digit.index, picture), SLUG)
kernels.gallery(
    several[..., :filters],
    answers[:filters],
    key="convolution_gallery",
    columns=filters,
    choices=names[:filters],
    chosen=kernel.slug,
    on_chosen=lambda: kernels.take_named("convolution_gallery"),
)
frame.prose(
    f"Each filter has weights of its own and gives a picture of its own: the output has the shape "
    f"{rows}×{columns}×{filters}, and the layer {layer.arithmetic(IMAGE_SHAPE)} parameters, one "
    "bias for each filter among them. A click on a filter takes it into the explorer above. The "
    "notebook's text speaks of `filters = 6`; its code has 16."
)

frame.heading("What CNN 1 learned by itself")
run = resources.find(NOTEBOOK_RUNS["CNN 1"])
if run is None or run.weights is None:
    st.info("The trained CNN 1 is missing from assets/runs, so its filters cannot be shown.")
else:
    learned, biases = run.weights[0][:, :, 0], run.weights[1]
    above = st.container()
    n = controls.slider("Learned filter", kernels.LEARNED_KEY, 1, len(biases), 1)
    with above:
        kernels.gallery(
            learned,
            kernels.answers(picture, learned, biases),
            key="convolution_learned_gallery",
            columns=8,
            numbered=True,
            choices=range(1, len(biases) + 1),
            chosen=n,
            on_chosen=lambda: kernels.take_learned("convolution_learned_gallery", learned, biases),
        )
    alike = likenesses(learned)
    slug, cosine = alike[n - 1]
    turned = ", all its signs changed" if cosine < 0 else ""
    frame.prose(
        "Below each kernel stands what it gives, after bias and ReLU; a click takes it into the "
        f"explorer above. Filter {n} is most like **{FAMILIES[slug].name}**{turned}: likeness "
        f"{abs(cosine):.2f}, where 1 is the same pattern (the cosine). "
        f"{sum(abs(c) >= 0.8 for _, c in alike)} of {len(alike)} reach 0.8 with a kernel made by "
        "hand; the others have no name."
    )
    by_hand = np.float32(np.sign(cosine)) * FAMILIES[slug].at(3)
    kernels.side_by_side(
        picture,
        {f"Filter {n}": learned[:, :, n - 1], "By hand": by_hand},
        key="convolution_alike",
    )

frame.footer(SLUG)
