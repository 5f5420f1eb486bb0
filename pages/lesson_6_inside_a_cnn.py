from __future__ import annotations

from functools import partial

import streamlit as st

from lesson import diagrams, export, inside, tables, takeaway
from lesson.layers import PADDINGS
from lesson.specs import OPTIMIZERS, RunSpec
from lesson.ui import controls, digits, experiment, frame, learned, resources, training
from lesson.ui.experiment import CNN as LAB
from lesson.ui.inside import look

SLUG = "inside-a-cnn"
LOOK, BUILD = "Look inside", "Build and train"
SHOWN = "_cnn_shown"  # the view and the network of the whole page
BATCH_SIZES = (32, 64, 128, 256, 512)
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
DIGITS = (1_000, 5_000, 10_000, 30_000, 60_000)


def choose() -> RunSpec:
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
    hidden = controls.slider("Hidden Dense layers", "cnn_dense_layers", 0, 3, 2)
    units = [
        controls.slider(f"Dense {n}: units", f"cnn_units_{n}", 8, 256, 64 if n == 1 else 16, 8)
        for n in range(1, hidden + 1)
    ]
    dropout = controls.slider("Dropout behind each of them", "cnn_dropout", 0.0, 0.9, 0.5, 0.1)
    return RunSpec(
        inside.stack(blocks, units, dropout, padding),
        epochs=controls.slider("Epochs", "cnn_epochs", 1, 20, 5),
        batch_size=controls.select("Batch size", "cnn_batch_size", BATCH_SIZES, 128),
        learning_rate=controls.select("Learning rate", "cnn_learning_rate", RATES, 0.001),
        optimizer=controls.select("Optimizer", "cnn_optimizer", OPTIMIZERS, "adam"),
        training_digits=controls.select("Training digits", "cnn_training_digits", DIGITS, 60_000),
        validation_split=controls.slider(
            "Share for validation", "cnn_validation_split", 0.0, 0.5, 0.1, 0.1
        ),
        seed=controls.number("Seed", "cnn_seed", 0, 9999, 42),
    )


def build_own() -> None:
    st.session_state["cnn_view"] = BUILD


@st.fragment
def show() -> RunSpec:
    """The controls and what they show at once, without the rest of the page.

    The rest depends on the network: another one is a matter of the whole page.
    """
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with bar:
        view = controls.segmented(
            "Show", "cnn_view", [LOOK, BUILD], LOOK, label_visibility="collapsed", width="content"
        )
    if view == LOOK:
        with controls.aside(shown=False):
            spec = choose()
    else:
        left, right = st.columns([1, 3.2])
        with left.container(height=560, gap="xsmall"), controls.aside(shown=True):
            spec = choose()
    if controls.alone() and st.session_state.get(SHOWN) != (view, spec):
        st.rerun()
    st.session_state[SHOWN] = view, spec
    with bar:
        width = 230 if view == LOOK else 330
        experiment.choose(LAB, spec, build_own, label_visibility="collapsed", width=width)
    if view == BUILD:
        with right:
            build(spec)
    elif problem := spec.network.problem:
        st.error(problem)
    elif (run := resources.find(spec)) is None:
        st.info("This network is not trained yet, so its filters have nothing to look for.")
        to_build = ({"cnn_view": BUILD},)
        st.button("Go to its training", "cnn_to_build", None, st.session_state.update, to_build)
        st.markdown(diagrams.shape_flow(spec.network), unsafe_allow_html=True)
    elif run.weights is None:
        st.info("This run ships without its weights. Choose another seed to train it with them.")
    else:
        look(run, digits.in_hand(), bar)
    return spec


def build(spec: RunSpec) -> None:
    """The network as it is set, and its training."""
    if spec.network.problem:
        st.error(spec.network.problem)
    else:
        training.panel(spec, LAB)
    st.markdown(diagrams.shape_flow(spec.network), unsafe_allow_html=True)


frame.header(SLUG)
digits.choose()
spec = show()
if st.session_state["cnn_view"] == BUILD and not spec.network.problem:
    if run := resources.find(spec):
        learned.show(run, LAB)
    frame.heading("Where the parameters sit")
    words, ledger = st.columns([1, 2])
    most = max(spec.network.ledger, key=lambda row: row.parameters)
    share = tables.percent(most.parameters / spec.network.parameters)
    frame.prose(
        f"The largest part, {share}, sits in `{most.name}`. Pooling, Flatten and Dropout learn "
        "nothing.\n\n**Try this:** take the pooling away and look at the Dense layer behind it. "
        "Then add blocks until a layer no longer fits. What makes room again?",
        words,
    )
    ledger.markdown(tables.ledger(spec.network))

code = f"{export.network_code(spec.network)}\n\n{export.compile_and_fit_code(spec)}"
script = partial(takeaway.script, {LAB.called(spec): spec})
frame.keras_lines(
    f"keras.utils.set_random_seed({spec.seed})\n{code}",
    None if spec.network.problem else script,
    SLUG,
)
frame.footer(SLUG)
