from __future__ import annotations

import streamlit as st

from lesson import diagrams, export, figures, inside
from lesson.network import Float32
from lesson.runs import Run
from lesson.shipped import INSIDE_PAGE
from lesson.specs import CNN_1, CNN_2, NOTEBOOK_RUNS, OPTIMIZERS, PADDINGS, Dropout, RunSpec
from lesson.specs import shape_text as text
from lesson.ui import controls, digits, explorer, frame, resources, training

SLUG = "inside-a-cnn"
LOOK, BUILD = "Look inside", "Build and train"
EVERY = "all"
BATCH_SIZES = (32, 64, 128, 256, 512)
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01)
DIGITS = (1_000, 5_000, 10_000, 30_000, 60_000)
PRESETS = {"CNN 1": NOTEBOOK_RUNS["CNN 1"], "CNN 2": INSIDE_PAGE}


def take(run: RunSpec) -> None:
    st.session_state.update({f"cnn_{name}": v for name, v in inside.settings(run).items()})


def choose() -> RunSpec:
    with st.container(horizontal=True):
        for name, run in PRESETS.items():
            st.button(name, key=f"cnn_preset_{name[-1]}", on_click=take, args=(run,))
    blocks = []
    for n in range(1, controls.slider("Blocks of Conv2D", "cnn_blocks", 0, 4, 2) + 1):
        filters, size, kind = (f"cnn_{name}_{n}" for name in ("filters", "kernel_size", "pooling"))
        blocks.append(
            inside.Block(
                controls.slider(f"Block {n}: filters", filters, 4, 64, 16 if n == 1 else 32, 4),
                controls.slider(f"Block {n}: kernel size", size, 1, 9, 3),
                controls.select(f"Block {n}: pooling", kind, list(inside.POOLINGS), "max"),
            )
        )
    padding = controls.select("Padding of every Conv2D", "cnn_padding", PADDINGS, "valid")
    hidden = controls.slider("Dense layers before the last", "cnn_dense_layers", 0, 3, 2)
    units = [
        controls.slider(f"Dense {n}: units", f"cnn_units_{n}", 8, 256, 64 if n == 1 else 16, 8)
        for n in range(1, hidden + 1)
    ]
    dropout = controls.slider("Dropout behind each", "cnn_dropout", 0.0, 0.9, 0.5, 0.1)
    return RunSpec(
        inside.stack(blocks, units, dropout, padding),
        epochs=controls.slider("Epochs", "cnn_epochs", 1, 20, 5),
        batch_size=controls.select("Batch size", "cnn_batch_size", BATCH_SIZES, 128),
        learning_rate=controls.select("Learning rate", "cnn_learning_rate", RATES, 0.001),
        optimizer=controls.select("Optimizer", "cnn_optimizer", OPTIMIZERS, "adam"),
        training_digits=controls.select("Training digits", "cnn_training_digits", DIGITS, 60_000),
        validation_split=controls.slider(
            "Share held back for validation", "cnn_validation_split", 0.0, 0.5, 0.1, 0.1
        ),
        seed=controls.number("Seed", "cnn_seed", 0, 9999, 42),
    )


def draw(name: str, digit: Float32, values: Float32, key: str, height: int) -> None:
    maps = [explorer.Map(digit[0, :, :, 0], title="digit", scale="diverging")]
    alt = f"The digit and what {name} makes of it: {text(values.shape[1:])} values."
    pictures = inside.pictures(values)
    if values.ndim == 4:
        maps += [
            explorer.Map(map_, str(n), scale="diverging") for n, map_ in enumerate(pictures, 1)
        ]
        explorer.gallery(maps, key=key, alt=alt, height=height)
    else:
        row = explorer.Map(pictures[0], name, scale="diverging", size=105 / pictures[0].shape[1])
        explorer.pixels([*maps, row], key=key, alt=alt, height=180, columns=1)


def look_inside(run: Run, digit: digits.Digit) -> None:
    ledger = run.spec.network.ledger
    activations = resources.activations(run, digit.image)
    steps = inside.softmax_steps(inside.logits(run.spec.network, run.weights or (), activations)[0])
    shown = [row.name for row in ledger if not isinstance(row.layer, Dropout)]
    chosen = controls.segmented("Layer", "cnn_layer", [*shown, EVERY], shown[0])
    sure = f"The network answers **{steps[0].digit}**, {inside.percent(steps[0].probability)} sure"
    verdict = "right" if steps[0].digit == digit.label else f"wrong, the label is {digit.label}"
    for row, before, after in zip(ledger, activations[:-1], activations[1:], strict=True):
        if chosen == row.name or (chosen == EVERY and row.name in shown):
            words, picture = st.columns([1, 2.5])
            words.markdown(f"**{row.name}**: {text(row.input_shape)} → {text(row.output_shape)}")
            words.markdown(inside.says(row, before, after))
            with picture:
                if chosen == EVERY:
                    draw(row.name, activations[0], after, f"cnn_maps_{row.name}", 260)
                else:
                    draw(row.name, activations[0], after, "cnn_maps", 400)
        elif chosen == EVERY:
            st.markdown(f"**{row.name}**. {inside.says(row, before, after)}")
    st.markdown(
        "**Try this:** take the next digit with the same label, in the sidebar. Which layers "
        "change with every stroke, and which hardly change at all?"
    )

    st.subheader("From ten sums to an answer", anchor=False)
    chart, words = st.columns(2)
    chart.plotly_chart(
        figures.probabilities(activations[-1][0], correct=digit.label),
        key="cnn_probabilities",
        config=figures.CONFIG,
        alt=f"Ten probabilities; the largest is {steps[0].probability:.4f} for {steps[0].digit}.",
    )
    words.markdown(
        f"{sure}: {verdict}. The last Dense layer gives one sum $z$ a digit. Softmax takes the "
        "largest sum from all ten, raises $e$ to what is left, and divides by the total."
    )
    words.markdown(inside.softmax_table(steps))


frame.header(SLUG)
digit = digits.choose()
with st.container(horizontal=True, vertical_alignment="bottom"):
    view = controls.segmented("Show", "cnn_view", [LOOK, BUILD], LOOK)
    popover = st.popover("Change the network") if view == LOOK else None

if popover:
    with popover:
        spec = choose()
    run = resources.find(spec)
    if spec.network.problem:
        st.error(spec.network.problem)
    elif run is None:
        st.info(
            "This network is not trained yet with these settings, so there is nothing to see in "
            f"it. Train it under *{BUILD}*, or take CNN 1 or CNN 2."
        )
    elif run.weights is None:
        st.info(
            "Of this run the lesson ships the results without the weights, so its maps cannot be "
            "drawn. Choose another seed and train it."
        )
    else:
        look_inside(run, digit)
else:
    left, right = st.columns([1, 3.2])
    with left.container(height=560, gap="xsmall"):
        spec = choose()
    with right:
        st.markdown(diagrams.shape_flow(spec.network), unsafe_allow_html=True)
        training.panel(spec, key="cnn_train")
    if spec.network.problem is None:
        st.subheader("Where the parameters sit", anchor=False)
        st.markdown(inside.ledger_table(spec.network))

seed_line = f"keras.utils.set_random_seed({spec.seed})\n"
frame.keras_lines(
    f"{seed_line}{export.network_code(spec.network)}\n\n{export.compile_and_fit_code(spec)}"
)

_, pool_1, _, dense_1, _ = CNN_1.ledger
first, _, second, pool_2, _, dense_2 = CNN_2.ledger[:6]
frame.question(
    "A CNN generally consists of three types of layers. What does each do?",
    "- A **convolutional** layer looks for small patterns everywhere in the picture: the few "
    "weights of a filter are used at every place.\n"
    "- A **pooling** layer makes the maps smaller. It learns nothing, and behind it it matters "
    "less where exactly a pattern was found.\n"
    "- A **densely connected** layer weighs everything that was found, and the last one decides.",
)
frame.question(
    "Why must Flatten stand before the first Dense layer?",
    "Dense looks along the last axis only. Behind the last pooling layer of CNN 2, whose shape is "
    f"{text(pool_2.output_shape)}, it would give an answer for each of the "
    f"{pool_2.output_shape[0]}×{pool_2.output_shape[1]} places by itself. Flatten lays all "
    f"{dense_2.input_shape[0]} values in one row, so that there is one answer for the whole "
    "picture. The notebook tells you to remember it, and yet its CNN 1 has none.",
)
frame.question(
    "Why does the second Conv2D of CNN 2 have so many more parameters than the first?",
    f"The first looks at one picture: {first.arithmetic}. The second looks at "
    f"{second.input_shape[-1]} maps, and each of its filters has a kernel of its own for each of "
    f"them: {second.arithmetic}. A filter is as deep as what it looks at.",
)
frame.question(
    "CNN 2 has more layers than CNN 1. Why has it fewer parameters?",
    f"CNN 1 has {CNN_1.parameters:,}, CNN 2 has {CNN_2.parameters:,}. Nearly all of them sit in "
    "the first Dense layer, and how many depends on what reaches it. In CNN 1 that is "
    f"{text(pool_1.output_shape)}: {dense_1.arithmetic}. In CNN 2 another convolution and pooling "
    f"come first. They cost {second.parameters:,} parameters and leave "
    f"{text(pool_2.output_shape)}: {dense_2.arithmetic}.",
)
frame.question(
    "What does Dropout do when the trained network reads a digit?",
    "Nothing: it passes all values on. While training it sets a random share of them to 0 in each "
    "step, so that no unit can rely on a few others alone. That works against overfitting.",
)
frame.footer(SLUG)
