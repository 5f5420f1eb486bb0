from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from lesson import formulas, mnist, padded, scripts, worth
from lesson.convolution import Window, coverage, dropped, output_size, padding_amounts
from lesson.filters import FAMILIES
from lesson.pictures import inked_at_the_edge
from lesson.sliding import convolution, counting
from lesson.tables import table
from lesson.ui import controls, digits, explorer, frame, resources

SLUG = "padding"
WIDEST, FARTHEST = 9, 4  # kernel_size and dilation_rate that the page offers
PADDINGS: dict[str, str | int] = {"valid": "valid", "same": "same", "1": 1, "2": 2, "3": 3}


@st.cache_data(show_spinner=False)
def digits_with_ink_at_the_edge() -> int:
    return inked_at_the_edge(mnist.load().x_test)


@st.fragment
def show() -> tuple[int, Window, int]:
    """The controls, and the explorer that follows them at once.

    Returns:
        The side of the picture, the window, and into how many pixels it has to fit.
    """
    first, kernel_place, third, dilation_place, last = st.columns((10, 4, 4, 4, 5), gap="small")
    with first:
        chosen = controls.segmented("padding", "padding_padding", list(PADDINGS), "valid")
    padding = PADDINGS[chosen]
    with third:
        strides = controls.slider("strides", "padding_strides", 1, 5, 1)
    with last:
        size = controls.slider("Side of the picture", "padding_size", 5, 28, 7)
    # What a window has to fit into; 'same' always adds enough.
    room = size + 2 * padding if isinstance(padding, int) else size if padding == "valid" else 99
    with kernel_place:
        most = min(WIDEST, room)
        kernel_size = controls.slider("kernel_size", "padding_kernel_size", 1, most, 3)
    with dilation_place:
        most = min(FARTHEST, farthest(room, kernel_size))
        far = "How far apart two neighbouring pixels of the window are."
        dilation_rate = controls.slider(
            "dilation_rate", "padding_dilation_rate", 1, most, 1, help=far
        )
    window = Window(kernel_size, strides, padding, dilation_rate)
    explorer.sliding(
        counting(size, size, window),
        key="padding_coverage",
        alt="How many windows use each pixel, and how many pixels each window sees",
        titles=("In how many windows each pixel is", "The window", "Pixels that a window sees"),
        scale="count",
    )
    return size, window, room


def farthest(room: int, kernel_size: int) -> int:
    """The largest dilation at which a window still fits into ``room`` pixels."""
    return (room - 1) // max(1, kernel_size - 1)


frame.header(SLUG)
digit = digits.choose()
size, shown, room = show()
kernel_size = shown.kernel_size
window = (kernel_size, shown.strides, shown.padding, shown.dilation_rate)
left_over, side, middle = dropped(size, *window), output_size(size, *window), size // 2
counts = coverage(size, size, *window)
corner, centre = formulas.times(counts[0, 0]), formulas.times(counts[middle, middle])
words, formula = st.columns(2, gap="large")
with words:
    unused = int((counts == 0).sum())
    st.markdown(
        f"A corner counts **{corner}**, the pixel in the middle **{centre}**."
        + (f" {unused:,} of {counts.size:,} pixels are not used." if unused else "")
    )
    lost = "Nothing is dropped: the last window ends at the edge."
    _, behind = padding_amounts(size, *window)
    if 0 < left_over <= behind:
        lost = "Only padding is left over at the end: no room for another step."
    elif left_over:
        real = left_over - behind
        ends = "row and column" if real == 1 else f"{real} rows and columns"
        lost = f"The last {ends} are dropped: no room for another step."
    st.markdown(f"The output has {side}×{side} cells. {lost}")
    if room < WIDEST or farthest(room, kernel_size) < FARTHEST:
        st.caption(f"The sliders end where a window would no longer fit into {room} pixels.")
with formula:
    symbols = formulas.OUTPUT_SIZE_SAME if shown.padding == "same" else formulas.OUTPUT_SIZE
    st.latex(symbols)
    st.latex(formulas.output_size_numbers(size, *window))
    st.caption(formulas.legend(symbols))

frame.heading("The digit in hand with this padding")
swapped = controls.toggle("Swap: the background is 1, the ink 0", "padding_swapped")
ink = mnist.prepare(digit.image[None])[0, ..., 0]
picture = 1 - ink if swapped else ink
weights = (
    FAMILIES["laplacian-8"].at(kernel_size) if kernel_size > 1 else np.ones((1, 1), np.float32)
)
explorer.sliding(
    convolution(picture[..., None], weights[..., None], shown),
    key="padding_digit",
    alt="The digit with its padding, a kernel that answers to edges, and the result",
    titles=(
        f"{digit.title}, 28×28",
        "Edges" if kernel_size > 1 else "One weight",
        f"Result, {output_size(28, *window)}×{output_size(28, *window)}",
    ),
    high=1,
)
edged = digits_with_ink_at_the_edge()
left, right = st.columns(2, gap="large")
with left:
    frame.prose(
        "Padding puts zeros around the picture, and a filter cannot tell them from pixels. On the "
        f"digits zero is the background, and only {edged:,} of 10,000 test digits have ink on "
        "their outermost pixels, so the border brings nothing new. In a photograph of black ink on "
        "white paper the background is 1: swap, and padding makes an edge all around that is not "
        "in the picture."
    )
with right:
    lines = formulas.padding_lines(*window, size=size)
    script = partial(scripts.padding, lines, size)
    frame.keras_lines(formulas.padding_lines(*window), script, SLUG)

frame.heading("What padding costs, and what it gave")
tried: list[worth.Tried] = []
with frame.guard():
    tried = worth.tried(resources.store())
rows, verdict = padded.measured(tried)
valid, same = padded.VALID.network, padded.SAME.network
st.markdown(table(("CNN 1", "`valid`", "`same`"), [*padded.cost_rows(valid, same), *rows]))
more = same.parameters - valid.parameters
frame.prose(
    "Padding itself has no parameters, and a filter has as many with it as without. But the maps "
    f"stay larger, so the Dense layer behind them has {more:,} weights more. {verdict}"
)

frame.footer(SLUG)
