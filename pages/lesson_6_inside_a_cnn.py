from __future__ import annotations

import streamlit as st

from lesson import diagrams, export, figures, inside
from lesson.runs import Run
from lesson.shipped import INSIDE_PAGE
from lesson.specs import CNN_1, CNN_2, NOTEBOOK_RUNS, OPTIMIZERS, Dropout, NetworkSpec, RunSpec
from lesson.specs import shape_text as text
from lesson.ui import controls, digits, explorer, frame, resources, training

SLUG = "inside-a-cnn"
LOOK, BUILD = "Look inside", "Build and train"
EVERY = "every layer"
PRESETS = {"CNN 1": NOTEBOOK_RUNS["CNN 1"], "CNN 2": INSIDE_PAGE}


def take(run: RunSpec) -> None:
    st.session_state.update({f"cnn_{name}": v for name, v in inside.settings(run).items()})


def choose_network() -> NetworkSpec:
    with st.container(horizontal=True):
        for name, run in PRESETS.items():
            st.button(name, key=f"cnn_preset_{name[-1]}", on_click=take, args=(run,))
    blocks = []
    for n in range(1, controls.slider("Blocks of Conv2D", "cnn_blocks", 0, 4, 2) + 1):
        st.markdown(f"**Block {n}**")
        filters = controls.slider("Filters", f"cnn_filters_{n}", 4, 64, 16 if n == 1 else 32, 4)
        kernel_size = controls.slider("Kernel size", f"cnn_kernel_size_{n}", 1, 9, 3)
        pooling = controls.select("Pooling 2×2", f"cnn_pooling_{n}", list(inside.POOLINGS), "max")
        blocks.append(inside.Block(filters, kernel_size, pooling))
    padding = controls.select("Padding of every Conv2D", "cnn_padding", ["valid", "same"], "valid")
    st.markdown("**Dense layers**")
    hidden = controls.slider("Before the last one", "cnn_dense_layers", 0, 3, 2)
    units = [
        controls.slider(f"Units of Dense {n}", f"cnn_units_{n}", 8, 256, 64 if n == 1 else 16, 8)
        for n in range(1, hidden + 1)
    ]
    dropout = controls.slider("Dropout behind each", "cnn_dropout", 0.0, 0.9, 0.5, 0.1)
    return inside.stack(blocks, units, dropout, padding)


def choose_training(network: NetworkSpec) -> RunSpec:
    rates, sizes = [0.0001, 0.0003, 0.001, 0.003, 0.01], [32, 64, 128, 256, 512]
    amounts = [1_000, 5_000, 10_000, 30_000, 60_000]
    return RunSpec(
        network,
        epochs=controls.slider("Epochs", "cnn_epochs", 1, 20, 5),
        batch_size=controls.select("Batch size", "cnn_batch_size", sizes, 128),
        learning_rate=controls.select("Learning rate", "cnn_learning_rate", rates, 0.001),
        optimizer=controls.select("Optimizer", "cnn_optimizer", OPTIMIZERS, "adam"),
        training_digits=controls.select("Digits", "cnn_training_digits", amounts, 60_000),
        validation_split=controls.slider(
            "Share for validation", "cnn_validation_split", 0.0, 0.5, 0.1, 0.1
        ),
        seed=controls.number("Seed", "cnn_seed", 0, 9999, 42),
    )


def draw(name: str, values: inside.Float32, key: str, height: int) -> None:
    maps = inside.pictures(values)
    alt = f"What {name} gives for this digit: {text(values.shape[1:])} values, 0 as the background."
    if values.ndim == 2:
        explorer.pixels([explorer.Map(maps[0])], key=key, alt=alt, height=height)
    else:
        titled = [explorer.Map(map_, title=str(n)) for n, map_ in enumerate(maps, 1)]
        explorer.gallery(titled, key=key, alt=alt, height=height)


def look_inside(run: Run, digit: digits.Digit) -> None:
    ledger = run.spec.network.ledger
    activations = resources.activations(run, digit.image)
    shown = [row.name for row in ledger if not isinstance(row.layer, Dropout)]
    chosen = controls.segmented("Layer", "cnn_layer", [*shown, EVERY], shown[0])
    answer, sure = int(activations[-1].argmax()), inside.percent(float(activations[-1].max()))
    verdict = "right" if answer == digit.label else f"wrong, the label is **{digit.label}**"
    for place, row in enumerate(ledger):
        if row.name not in shown or chosen not in (row.name, EVERY):
            continue
        before, after = activations[place : place + 2]
        words, picture = st.columns([1, 2.5])
        with words:
            if chosen == row.name or place == 0:
                own = explorer.Map(digit.image)
                alt = f"Test digit {digit.index}, labelled {digit.label}."
                explorer.pixels([own], key="cnn_digit", alt=alt, height=112, legend=False)
                st.markdown(f"The network answers **{answer}**, {sure} sure: {verdict}.")
            st.markdown(f"**{row.name}**: {text(row.input_shape)} → {text(row.output_shape)}")
            st.markdown(inside.says(row, before, after))
            for behind in ledger[place + 1 : place + 2]:
                if isinstance(behind.layer, Dropout):
                    st.markdown(f"**{behind.name}** behind it. {inside.says(behind, after, after)}")
        with picture:
            one = chosen != EVERY
            draw(row.name, after, "cnn_maps" if one else f"cnn_maps_{row.name}", 420 if one else 260)
    st.markdown(
        "All maps of a layer share one scale: the background is 0, full ink the strongest answer. "
        "**Try this:** take the next digit with the same label, in the sidebar. Which layers "
        "change with every stroke, and which hardly change at all?"
    )


def softmax(run: Run, digit: digits.Digit) -> None:
    activations = resources.activations(run, digit.image)
    chances = activations[-1][0]
    sums = inside.logits(run.spec.network, run.weights or (), activations)[0]
    chart, words = st.columns(2)
    chart.plotly_chart(
        figures.probabilities(chances, correct=digit.label),
        key="cnn_probabilities",
        config=figures.CONFIG,
        alt=f"Ten probabilities; the largest is {chances.max():.4f} for {chances.argmax()}.",
    )
    words.markdown(
        "The last Dense layer gives one sum $z$ a digit. Softmax takes the largest sum from all "
        "ten, raises $e$ to what is left, and divides by the total."
    )
    words.markdown(inside.softmax_table(sums))


frame.header(SLUG)
digit = digits.choose()
with st.container(horizontal=True, vertical_alignment="bottom"):
    view = controls.segmented("Show", "cnn_view", [LOOK, BUILD], LOOK)
    if view == LOOK:
        settings = st.popover("Change the network")

if view == BUILD:
    settings, picture = st.columns([1, 3.2])
    with settings.container(height=560):
        network = choose_network()
    picture.markdown(diagrams.shape_flow(network), unsafe_allow_html=True)

    st.subheader("Train it", anchor=False)
    settings, picture = st.columns([1, 3.2])
    with settings:
        spec = choose_training(network)
    with picture:
        training.panel(spec, key="cnn_train")

    st.subheader("Where the parameters are", anchor=False)
    if network.problem is None:
        st.markdown(inside.ledger_table(network))
    else:
        st.markdown("They can be counted once every layer fits the one before it.")
else:
    with settings:
        network = choose_network()
        spec = choose_training(network)
    run = resources.find(spec)
    if network.problem:
        st.error(network.problem)
    elif run is None:
        st.info(
            "This network is not trained yet with these settings, so its filters hold nothing "
            f"worth looking at. Train it under *{BUILD}*, or take CNN 1 or CNN 2."
        )
    elif run.weights is None:
        st.info(
            "Of this run the lesson ships the results without the weights, so its maps cannot be "
            "drawn. Choose another seed and train it."
        )
    else:
        look_inside(run, digit)
        st.subheader("From ten sums to an answer", anchor=False)
        softmax(run, digit)

seed_line = f"keras.utils.set_random_seed({spec.seed})\n"
frame.keras_lines(
    f"{seed_line}{export.network_code(network)}\n\n{export.compile_and_fit_code(spec)}"
)

_, pool_1, _, dense_1, _ = CNN_1.ledger
first, _, second, pool_2, _, dense_2, *_ = CNN_2.ledger
frame.question(
    "A CNN generally consists of three types of layers. What does each do?",
    "- A **convolutional** layer looks for a small pattern everywhere in the picture: its few "
    "weights are used at every place.\n"
    "- A **pooling** layer makes the maps smaller. It learns nothing, and it matters less from "
    "then on where exactly a pattern was found.\n"
    "- A **densely connected** layer weighs all that was found, wherever it was, and decides.",
)
frame.question(
    "Why must Flatten stand before the first Dense layer?",
    "Dense only looks along the last axis. Behind the last pooling layer of CNN 2, of shape "
    f"{text(pool_2.output_shape)}, it would weigh the {pool_2.output_shape[-1]} maps at each place "
    "by itself and give one answer for each place. Flatten lays all "
    f"{dense_2.input_shape[0]} values in one row, so that one answer is given for the whole "
    "picture. The notebook leaves it out of CNN 1, which then cannot be trained on ten classes.",
)
frame.question(
    "Why does the second Conv2D of CNN 2 have so many more parameters than the first?",
    f"The first sees one picture: {first.arithmetic}. The second sees "
    f"{second.input_shape[-1]} maps, and each of its filters has a 3×3 kernel of its own for each "
    f"of them: {second.arithmetic}. A filter is as deep as what it looks at.",
)
frame.question(
    "CNN 2 has more layers than CNN 1. Why has it fewer parameters?",
    f"CNN 1 has {CNN_1.parameters:,}, CNN 2 {CNN_2.parameters:,}. Nearly all sit in the first Dense "
    f"layer, and its size depends on what reaches it. In CNN 1 that is {text(pool_1.output_shape)} "
    f"values: {dense_1.arithmetic}. The second convolution and pooling of CNN 2 cost "
    f"{second.parameters:,} parameters and leave {text(pool_2.output_shape)}: {dense_2.arithmetic}.",
)
frame.question(
    "What does Dropout do when the trained network reads a digit?",
    "Nothing: it passes all values on. While training it sets a random share of them to 0 in each "
    "step, so that no unit can rely on one other unit alone. That works against overfitting.",
)
frame.footer(SLUG)
