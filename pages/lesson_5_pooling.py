from __future__ import annotations

from functools import partial
from typing import NamedTuple

import streamlit as st

from lesson import chance, export, formulas, mnist, network, plots, pooled, scripts, worth
from lesson.convolution import Window, padding_amounts
from lesson.evaluation import move
from lesson.layers import PADDINGS, AveragePooling2D, MaxPooling2D, shape_text
from lesson.sliding import Operation, pooling
from lesson.specs import CNN_1, FEEDFORWARD, NOTEBOOK_RUNS, NetworkSpec
from lesson.tables import table
from lesson.ui import controls, digits, explorer, frame, resources
from lesson.ui.explorer import Map

SLUG = "pooling"
DIGIT = "the digit"
KINDS: dict[Operation, type[pooled.Pooling]] = {"max": MaxPooling2D, "average": AveragePooling2D}
AVERAGED = 500


class Seen(NamedTuple):
    """What the explorer shows: whose input, the window's settings, and which poolings."""

    source: str
    pool_size: int
    strides: int | None
    padding: str
    kinds: list[Operation]

    def layer(self, kind: Operation) -> pooled.Pooling:
        return KINDS[kind](self.pool_size, self.strides, self.padding)


def look(source: str, images: mnist.UInt8) -> network.Float32:
    """What the pooling gets of digits: the pictures, or one feature map of each."""
    if source == DIGIT or not cnn_1 or not cnn_1.weights:
        return mnist.to_float32(mnist.reshape(images))
    return pooled.feature_map(CNN_1, cnn_1.weights, images, MAPS.index(source))


@st.cache_data(max_entries=2000, show_spinner=False)
def mean_change(source: str, layer: pooled.Pooling | None, right: int) -> pooled.Change:
    """What moving the first test digits does, looked at as ``source``, before or after a layer."""
    images = mnist.load().x_test[:AVERAGED]
    first, second = look(source, images), look(source, move(images, right))
    return pooled.change(pooled.behind(layer, first), pooled.behind(layer, second))


@st.fragment
def show(digit: digits.Digit) -> Seen:
    """The controls, and the explorer that follows them at once."""
    with st.container(horizontal=True, vertical_alignment="top"):
        source = controls.select(
            "Input", "pooling_input", [DIGIT, *MAPS], DIGIT, help="Or what a filter of CNN 1 sees."
        )
        pool_size = controls.slider("pool_size", "pooling_pool_size", 1, 8, 2)
        chosen = controls.select(
            "strides",
            "pooling_strides",
            ["None", *"12345678"],
            "None",
            help="How far the window moves. None, as in Keras, means as far as pool_size.",
        )
        padding = controls.segmented("padding", "pooling_padding", PADDINGS, "valid")
        kind = controls.segmented("Shown", "pooling_kind", ["both", *KINDS], "both")
    strides = None if chosen == "None" else int(chosen)
    kinds = [name for name in KINDS if kind in ("both", name)]
    picture = look(source, digit.image[None])[0, ..., 0]
    step = strides or pool_size
    slide = pooling(picture, Window(pool_size, step, padding), kinds)
    explorer.sliding(
        slide,
        key="pooling_maps",
        alt=f"{source} before and after pooling with pool_size {pool_size} and strides {step}",
        titles=(
            f"Input, {shape_text(picture.shape)}",
            "The window",
            *(f"{name}, {shape_text(small.shape)}" for name, small in slide.results.items()),
        ),
        high=255.0 if source == DIGIT else float(picture.max()) or 1.0,
        decimals=0 if source == DIGIT else 2,
    )
    return Seen(source, pool_size, strides, padding, kinds)


frame.header(SLUG)
cnn_1 = resources.find(NOTEBOOK_RUNS["CNN 1"])
MAPS = [f"feature map {n}" for n in range(1, 17)] if cnn_1 and cnn_1.weights else []
digit = digits.choose()
seen = show(digit)
layers = {name: seen.layer(name) for name in KINDS}
before = look(seen.source, digit.image[None])
side = before.shape[1]
pool_size, step, padding, _ = layers["max"].window
out = layers["max"].output_shape(before.shape[1:])[0]

shape, words = st.columns(2, gap="medium")
with shape:
    frame.heading("What becomes of the shape")
    symbols = formulas.OUTPUT_SIZE_SAME if padding == "same" else formulas.OUTPUT_SIZE_VALID
    numbers = formulas.output_size_numbers(side, pool_size, step, padding)
    st.latex(f"{symbols} = {numbers}")
    st.caption(formulas.legend(symbols).replace("kernel_size", "pool_size"))
    frame.prose(
        f"{side}×{side} = {side**2} values become {out}×{out} = {out**2}, {side**2 / out**2:.1f} "
        f"times fewer. The number of channels stays, since each map is pooled by itself."
    )
with words:
    frame.heading("Where the windows lie")
    kept = " Padding never counts: not for the largest, not in the mean."
    kept = kept if any(padding_amounts(side, pool_size, step, padding)) else ""
    frame.prose(pooled.placement(side, layers["max"]) + kept)

frame.heading("Where the parameters go")
without = worth.VARIANTS[pooled.NONE].network
with_pooling = NetworkSpec((CNN_1.layers[0], layers["max"], *CNN_1.layers[2:]))
networks = {"no pooling": without, "this pooling": with_pooling, "Feedforward": FEEDFORWARD}
bars, words = st.columns([0.6, 0.4], gap="medium")
parts = {
    name: [(row.name, row.parameters) for row in each.ledger] for name, each in networks.items()
}
bars.markdown(plots.layers(parts), unsafe_allow_html=True)
dense, dense_without = with_pooling.ledger[3], without.ledger[2]
more = "more" if with_pooling.parameters > FEEDFORWARD.parameters else "fewer"
frame.prose(
    f"A pooling layer learns {with_pooling.ledger[1].parameters} parameters: there is nothing to "
    f"learn. It makes the first Dense layer of CNN 1 smaller, from {dense_without.arithmetic} to "
    f"{dense.arithmetic}, by a factor of {dense_without.parameters / dense.parameters:.1f}.\n\n"
    f"The whole network then has {with_pooling.parameters:,} parameters, {more} than the "
    f"feedforward network's {FEEDFORWARD.parameters:,}. The notebook says that most of the "
    "reduction comes from pooling: true of this Dense layer, and worth checking for the whole.",
    words,
)

frame.heading("What a small move of the digit changes")
words, maps = st.columns([0.48, 0.52], gap="medium")
with words:
    right = controls.slider("Move the digit to the right by", "pooling_shift", 0, 4, 1)
after = look(seen.source, move(digit.image[None], right))
rows, gaps = [], []
for name, stage in (("before", None), *layers.items()):
    first, second = pooled.behind(stage, before), pooled.behind(stage, after)
    one, mean = pooled.change(first, second), mean_change(seen.source, stage, right).difference
    rows.append((name, f"{one.changed:.0f} of {one.cells}", f"{one.difference:.0%}", f"{mean:.0%}"))
    gaps.append(Map((second - first)[0, ..., 0], name, scale="diverging", numbers=False))
words.markdown(table(("", "changed", "difference", f"of {AVERAGED} digits"), rows))
frame.prose(
    "The difference is 0% where nothing has changed and 100% where no ink lies on ink any more. "
    "Where the last column falls, pooling has softened the move; only 0% would undo it. Try "
    "strides 1, where nothing is made smaller: does the small picture help, or the window?",
    words,
)
with maps:
    explorer.pixels(
        gaps,
        key="pooling_gaps",
        alt="What the move adds (blue) and takes away (orange)",
        shared=True,
    )

frame.heading("What it does to a whole network")
tried: list[worth.Tried] = []
with frame.guard():
    tried = [row for row in worth.tried(resources.store()) if row.name in pooled.TRIED]
head = ("CNN 1", "parameters", "an epoch", "seeds", "right", f"moved {worth.MOVED} pixels")
measured = [
    (
        row.name,
        f"{row.run.network.parameters:,}",
        f"{row.epoch_seconds:.1f} s",
        str(len(row.accuracies)),
        worth.between(row.accuracies),
        worth.between(row.moved),
    )
    for row in tried
]
if tried:
    st.markdown(table(head, measured))
if missing := [name for name in pooled.TRIED if name not in {row.name for row in tried}]:
    st.info(
        f"Runs of CNN 1 are missing from assets: {', '.join(missing)}. "
        "`python -m lesson.shipped --missing` trains them again."
    )
if pooled.AS_IS not in missing and len(tried) > 1:
    said = worth.verdict(tried)
    meaning = f"{chance.MEANING} " if chance.BEYOND in said else ""
    frame.prose(
        "The notebook passes on Andrew Ng's advice to use max pooling. Beside CNN 1 with max "
        f"pooling:\n\n{said}\n\n{meaning}It is one small network on one set of digits, no proof "
        "for others."
    )

filters = cnn_1.weights[:2] if seen.source in MAPS and cnn_1 and cnn_1.weights else ()
entering = (28, 28, 1) if seen.source == DIGIT else with_pooling.shapes[1]
frame.keras_lines(
    "\n".join(
        f"{export.layer_line(layer)}"
        f"  # {shape_text(entering)} → {shape_text(layer.output_shape(entering))}"
        for layer in map(seen.layer, seen.kinds)
    ),
    partial(
        scripts.pooling,
        {name: layers[name] for name in seen.kinds},
        digit.index,
        digit.image,
        right,
        filters,
        MAPS.index(seen.source) if filters else 0,
    ),
    SLUG,
)
frame.footer(SLUG)
