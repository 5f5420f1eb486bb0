from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from lesson import diagrams, export, tables, takeaway
from lesson.fitting import decimal
from lesson.layers import Dense
from lesson.layers import shape_text as text
from lesson.specs import NOTEBOOK_RUNS, OPTIMIZERS, NetworkSpec, RunSpec, feedforward
from lesson.ui import controls, digits, experiment, explorer, frame, learned, resources, training
from lesson.ui.experiment import FEEDFORWARD as LAB

SLUG = "feedforward"
KINDS = ("relu", "sigmoid", "tanh", "linear")
STEPS = (2, 4, 8, 10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
UNITS = (128, 32, 32, 32, 32)
BATCH_SIZES = tuple(2**power for power in range(4, 12))
LEARNING_RATES = (0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
TRAINING_DIGITS = (100, 300, 1_000, 3_000, 10_000, 30_000, 60_000)
FOLD = 56  # the flattened row is drawn in lines of so many values: two rows of the picture


frame.header(SLUG)
digit = digits.choose()
bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
choices, picture = st.columns([1, 3.2], gap="medium")
with choices.container(gap="xxsmall"):
    depth = controls.slider("Hidden layers", "feedforward_hidden_layers", 0, 5, 2)
    units = tuple(
        controls.stepped(f"Units in layer {n}", f"feedforward_units_{n}", STEPS, UNITS[n - 1])
        for n in range(1, depth + 1)
    )
    activation = controls.select("Activation", "feedforward_activation", KINDS, "relu")
    epochs = controls.slider("Epochs", "feedforward_epochs", 1, 50, 5)
    batch_size = controls.select("Batch size", "feedforward_batch_size", BATCH_SIZES, 256)
    rate = controls.select(
        "Learning rate", "feedforward_learning_rate", LEARNING_RATES, 0.001, decimal
    )
    count = controls.select(
        "Training digits", "feedforward_training_digits", TRAINING_DIGITS, 60_000, "{:,}".format
    )
    with st.popover("More settings", width="stretch"):
        dropout = controls.slider("Dropout rate", "feedforward_dropout", 0.0, 0.9, 0.0, 0.1)
        optimizer = controls.segmented("Optimizer", "feedforward_optimizer", OPTIMIZERS, "adam")
        seed = controls.number("Seed", "feedforward_seed", 0, 2**31 - 1, 42)
        share = controls.slider(
            "Validation share", "feedforward_validation_split", 0.0, 0.5, 0.1, 0.1
        )
        scaled = controls.toggle("Pixels scaled to 0..1", "feedforward_scaled", True)
        shuffled = controls.toggle("Labels shuffled", "feedforward_shuffled_labels")
network = feedforward(units, activation, dropout)
spec = RunSpec(network, optimizer, rate, batch_size, epochs, seed, count, scaled, share, shuffled)
with bar:
    st.markdown("**Experiment**", width="content")
    experiment.choose(LAB, spec, label_visibility="collapsed", width=380)
with picture, frame.guard():
    finished = training.panel(spec, LAB)
    st.markdown(diagrams.network_diagram(network), unsafe_allow_html=True)
    frame.prose(
        "Every unit is joined to every value before it. Nothing says which pixels are neighbours: "
        "were the pixels of all digits shuffled in the same way, the network would learn no worse."
    )
    whole = NOTEBOOK_RUNS["Feedforward"]
    other = resources.find(whole)
    if finished and other and share and replace(spec, validation_split=0.0) == whole:
        frame.prose(
            f"{share:.0%} of the digits are held back here for validation, so this network "
            f"learned from {spec.fitted_digits:,} of them. On the Comparison page it "
            f"learned from all {whole.fitted_digits:,} and reached {other.test_accuracy:.2%}."
        )
if finished:
    learned.show(finished, LAB)

frame.heading("How many numbers does it learn?")
ledger, words = st.columns([1.5, 1], gap="medium")
ledger.markdown(tables.ledger(network))
frame.prose(
    f"""
A Dense layer learns a weight for each pair of an incoming value and a unit, and a bias for each
unit: $\\text{{inputs}} \\times \\text{{units}} + \\text{{units}}$.

The notebook's answer lists 64 units in the first hidden layer, but its code and its own sums have
128. With 64 there would be {feedforward((64, 32)).parameters:,} parameters; with 128 there are
**{feedforward((128, 32)).parameters:,}**.
""",
    words,
)

frame.heading("What Flatten does")
maps, words = st.columns([1.7, 1], gap="medium")
with maps, frame.guard():
    row = controls.slider("Row of the picture", "feedforward_row", 0, 27, 14)
    line, start = divmod(row * 28, FOLD)
    here = explorer.Mark(row, 0, row + 1, 28, f"row {row}")
    there = explorer.Mark(line, start, line + 1, start + 28, f"row {row}")
    explorer.pixels(
        [
            explorer.Map(digit.image, title=f"{digit.title}, 28×28", marks=[here]),
            explorer.Map(
                digit.image.reshape(-1, FOLD), title=f"784 in lines of {FOLD}", marks=[there]
            ),
        ],
        key="feedforward_flatten",
        alt=f"{digit.title}: its 28×28 pixels, and its 784 values one row after the other.",
        columns=1,
        legend=False,
        height=300,
    )
unflattened = NetworkSpec((Dense(1),)).ledger[0]
frame.prose(
    f"""
Flatten lays the rows end to end: row {row} becomes the values {row * 28} to {row * 28 + 27} of
784. It learns nothing and loses no value, but what lay one row below is now 28 places away.

**Without it**, the notebook's first try, `Dense(1)`, is not one unit that sees the whole picture.
Dense works along the last axis only, and that axis holds the 1 channel: each pixel by itself is
multiplied by the same weight, and the same bias is added.

- On 28×28×1: output shape {text(unflattened.output_shape)}, parameters {unflattened.arithmetic}
- Behind Flatten: output shape 1, parameters {Dense(1).arithmetic((784,))}
""",
    words,
)

frame.heading("Underfitted and overfitted")
left, right = st.columns(2, gap="medium")
small = LAB.presets["Underfit: 4 units"].spec
with left:
    frame.prose(f"""
**Too small**, a network is wrong even on the digits that it learns from. More units or layers can
express more. More epochs help while the curves still rise. A smaller batch size means more steps an
epoch ({small.batches:,} at 256, {replace(small, batch_size=64).batches:,} at 64): more training,
not a more able network.
""")
    st.button("Set the controls to 4 units", "feedforward_too_small_take", None, LAB.take, (small,))
over = LAB.presets["Overfit: 1,000 digits, 50 epochs"].spec
with right:
    frame.prose("""
A network that learns **by heart** gets its own digits right, and does no better on those held back,
or even worse. More digits help; so may an earlier stop, fewer units or dropout. The loss on the
digits held back says when it begins.
""")
    label = f"Set the controls to {over.training_digits:,} digits"
    st.button(label, "feedforward_overfitted_take", None, LAB.take, (over,))

script = partial(takeaway.script, {LAB.called(spec): spec})
frame.keras_lines(export.run_code(spec), script, SLUG)
frame.footer(SLUG)
