from __future__ import annotations

import numpy as np
import streamlit as st

from lesson import formulas, mnist, padded
from lesson.convolution import conv2d, coverage, dropped, output_size, padding_amounts
from lesson.filters import FAMILIES
from lesson.layers import shape_text
from lesson.pictures import inked_at_the_edge
from lesson.tables import table
from lesson.ui import controls, digits, explorer, frame, resources
from lesson.ui.explorer import Map, Mark

SLUG = "padding"
PADDINGS: dict[str, str | int] = {"valid": "valid", "same": "same", "1": 1, "2": 2, "3": 3}


@st.cache_data(show_spinner=False)
def digits_with_ink_at_the_edge() -> int:
    return inked_at_the_edge(mnist.load().x_test)


frame.header(SLUG)
digit = digits.choose()

settings, shown, beside = st.columns((5, 9, 7), gap="medium")
with shown:
    padding = PADDINGS[controls.segmented("padding", "padding_padding", list(PADDINGS), "valid")]
with settings:
    kernel_place = st.container()
    strides = controls.slider("strides", "padding_strides", 1, 5, 1)
    dilation_place = st.container()
    size = controls.slider("Side of the picture", "padding_size", 5, 28, 7)
# What a window has to fit into; 'same' always adds enough.
room = size + 2 * padding if isinstance(padding, int) else size if padding == "valid" else 99
with kernel_place:
    kernel_size = controls.slider("kernel_size", "padding_kernel_size", 1, min(9, room), 3)
with dilation_place:
    widest = (room - 1) // max(1, kernel_size - 1)
    far = "How far apart two neighbouring pixels of the window are."
    dilation_rate = controls.slider(
        "dilation_rate", "padding_dilation_rate", 1, min(4, widest), 1, help=far
    )
window = (kernel_size, strides, padding, dilation_rate)
before, after = padding_amounts(size, *window)
left_over, side, middle = dropped(size, *window), output_size(size, *window), size // 2
counts = coverage(size, size, *window)
corner, centre = formulas.times(counts[0, 0]), formulas.times(counts[middle, middle])
reach = (kernel_size - 1) * dilation_rate + 1

with shown:
    # A padded picture is a larger picture without padding: its border is counted too.
    whole = before + size + after
    drawn = Map(
        coverage(whole, whole, kernel_size, strides, "valid", dilation_rate),
        "How many windows use each pixel",
        scale="count",
        padding=(before, after, after, before),
        dropped=(left_over, left_over),
        marks=[Mark(0, 0, reach, reach, "the first window")],
    )
    explorer.pixels([drawn], key="padding_coverage", alt=drawn.title, height=560)
with beside:
    unused = int((counts == 0).sum())
    st.markdown(
        f"A corner counts **{corner}**, the pixel in the middle **{centre}**."
        + (f" {unused:,} of {counts.size:,} pixels are not used." if unused else "")
    )
    st.latex(formulas.OUTPUT_SIZE_SAME if padding == "same" else formulas.OUTPUT_SIZE)
    st.latex(formulas.output_size_numbers(size, *window))
    rest = "" if padding == "same" else ", p: padding, d: dilation_rate"
    st.caption(f"n: side, k: kernel_size, s: strides{rest}")
    lost = "Nothing is dropped: the last window ends at the edge."
    if left_over:
        lost = f"The last {left_over} rows and columns are dropped: no room for another step."
    st.markdown(f"The output has {side}×{side} cells. {lost}")
    if min(9, room) < 9 or min(4, widest) < 4:
        st.caption(f"The sliders end where a window would no longer fit into {room} pixels.")

st.subheader("The digit in hand with this padding", anchor=False)
swapped = controls.toggle("Swap: the background is 1, the ink 0", "padding_swapped")
ink = mnist.prepare(digit.image[None])[0, ..., 0]
picture = 1 - ink if swapped else ink
weights = FAMILIES["laplacian-8"].at(kernel_size) if kernel_size > 1 else np.ones((1, 1))
result = conv2d(
    picture[..., None],
    weights[..., None, None],
    strides=strides,
    padding=padding,
    dilation_rate=dilation_rate,
)[..., 0]
low, high = padding_amounts(28, *window)
lost_rows = dropped(28, *window)
bordered = Map(
    np.pad(picture, (low, high)),
    f"A {digit.label}, 28×28",
    high=1,
    padding=(low, high, high, low),
    dropped=(lost_rows, lost_rows),
)
kernel = Map(weights, "Edges" if kernel_size > 1 else "One weight", scale="diverging")
given = Map(result, f"Result, {shape_text(result.shape)}", scale="diverging")
alt = "The digit with its padding, a kernel that answers to edges, and the result"
explorer.pixels([bordered, kernel, given], key="padding_digit", alt=alt, between="∗=", height=420)
edged = digits_with_ink_at_the_edge()
left, right = st.columns(2, gap="large")
with left:
    st.markdown(
        "Padding puts zeros around the picture, and a filter cannot tell them from pixels. On the "
        f"digits zero is the background, and only {edged:,} of 10,000 test digits have ink on "
        "their outermost pixels, so the border brings nothing new. In a photograph of black ink on "
        "white paper the background is 1: swap, and padding makes an edge all around that is not "
        "in the picture."
    )
with right:
    frame.keras_lines(formulas.padding_lines(*window))

st.subheader("What padding costs, and what it gave", anchor=False)
rows, verdict = padded.measured(resources.store())
valid, same = padded.VALID.network, padded.SAME.network
st.markdown(table(("CNN 1", "`valid`", "`same`"), [*padded.cost_rows(valid, same), *rows]))
more = same.parameters - valid.parameters
st.markdown(
    "Padding itself has no parameters, and a filter has as many with it as without. But the maps "
    f"stay larger, so the Dense layer behind them has {more:,} weights more. {verdict}"
)

frame.question(
    "How many times does each corner get included in the output?",
    "With `valid` and `strides=1` once: only one window reaches it. With the settings above "
    f"{corner}, and the pixel in the middle {centre}. Far from every edge, with `strides=1`, it is "
    f"kernel_size × kernel_size: here {kernel_size**2}.",
)
frame.question(
    "On these digits, is padding a good idea or a bad one?",
    f"There is little to win: {edged:,} of 10,000 test digits have ink at the very edge. {verdict} "
    "The notebook calls it a bad idea because it takes more parameters. The convolution takes "
    f"none; the Dense layer behind the larger maps takes {more:,}.",
)
frame.question(
    "When is padding worth it?",
    "Where the edge matters, as for a car that must see what comes from the side. And in deep "
    "networks: each 3×3 filter with `valid` takes two rows and two columns, so that a picture of "
    "28×28 is used up after 13 layers; with `same` it keeps its size.",
)
frame.footer(SLUG)
