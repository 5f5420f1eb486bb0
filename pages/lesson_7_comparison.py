from __future__ import annotations

from urllib.parse import quote

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from lesson import comparison, evaluation, export, figures, mnist
from lesson.palette import run_colours
from lesson.runs import Run
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import controls, explorer, frame, measuring, resources
from lesson.ui.explorer import Map

SLUG = "comparison"
RESULT, LEARNING, MISTAKES, MOVED = "Result", "Learning", "Mistakes", "Moved digits"
WORST, CONTESTED = "its worst mistakes", "where the runs disagree"
WAYS = {"right": "to the right", "down": "down"}
NOTEBOOK = {name: spec.network for name, spec in NOTEBOOK_RUNS.items()}
MAX_RUNS, GALLERY, SHIFT = 6, 8, 3
SWATCH = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect {}/></svg>'


def swatch(colour: str) -> str:
    """A square of one colour, as the address of a picture."""
    return "data:image/svg+xml," + quote(SWATCH.format(f'width="9" height="9" fill="{colour}"'))


def chart(figure: go.Figure, key: str, alt: str, height: int | None = None) -> None:
    if height:
        figure.layout.height = height
    st.plotly_chart(figure, key=key, config=figures.CONFIG, alt=alt)


def choose_one(runs: dict[str, Run]) -> str:
    """The run whose mistakes and whose script are shown."""
    return controls.select(
        "Mistakes and script of", "comparison_confusion", list(runs), next(iter(runs))
    )


frame.header(SLUG)

summaries = resources.store().summaries()
names = comparison.names(summary.spec for summary in summaries)
notebook = [spec.digest for spec in NOTEBOOK_RUNS.values() if spec.digest in names]
which, what = st.columns([5, 4], vertical_alignment="bottom")
with which:
    chosen = controls.multiselect(
        "Finished runs",
        "comparison_runs",
        list(dict.fromkeys([*notebook, *names])),
        notebook,
        names.__getitem__,
        MAX_RUNS,
    )
with what:
    view = controls.segmented(
        "What to look at", "comparison_view", [RESULT, LEARNING, MISTAKES, MOVED], RESULT
    )
found = {names[digest]: resources.store().load(digest) for digest in chosen}
runs = {name: run for name, run in found.items() if run is not None}
if len(runs) < len(chosen):
    st.warning(resources.store().warnings[-1])
if len(notebook) < len(NOTEBOOK_RUNS):
    st.info(
        "Not all of the notebook's three runs are in assets/runs. "
        "`python -m lesson.shipped --missing` trains what is missing."
    )
if not runs:
    st.info("Choose at least one finished run, or train one on the pages before.")
    frame.footer(SLUG)
    st.stop()

colours = run_colours(runs)
networks = {name: run.spec.network for name, run in runs.items()}
labels = mnist.load().y_test

if view == RESULT:
    rows = {
        "Colour": [swatch(colours[name]) for name in runs],
        "Network": list(runs),
        "Accuracy": [run.test_accuracy for run in runs.values()],
        "Loss": [run.test_loss for run in runs.values()],
        "Parameters": [network.parameters for network in networks.values()],
        "Seconds an epoch": [float(np.mean(run.epoch_seconds)) for run in runs.values()],
    }
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="comparison_table",
        column_config={
            "Colour": st.column_config.ImageColumn("", width=40),
            "Network": st.column_config.TextColumn(width="medium"),
            "Accuracy": st.column_config.NumberColumn("Accuracy, test digits", format="%.4f"),
            "Loss": st.column_config.NumberColumn("Loss, test digits", format="%.4f"),
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "Seconds an epoch": st.column_config.NumberColumn(format="%.1f"),
        },
    )
    spread = {name: comparison.seeds(run.spec, summaries) for name, run in runs.items()}
    parts = {name: [(x.name, x.parameters) for x in net.ledger] for name, net in networks.items()}
    left, right = st.columns(2)
    with left:
        st.markdown("**The same network trained with other seeds**")
        chance = comparison.chance_sentence(spread)
        chart(figures.accuracy_spread(spread), "comparison_spread", chance, 76 + 72 * len(runs))
        st.markdown(f"{comparison.accuracy_sentence(runs)} {chance}")
    with right:
        st.markdown("**Where the parameters are**")
        size = comparison.parameters_sentence(networks)
        figure = figures.parameters_by_layer(parts)
        # Room for the totals at the ends of the bars, in half a page's width.
        most = max(network.parameters for network in networks.values())
        figure.layout.xaxis.range = [0, 1.35 * most]
        chart(figure, "comparison_layers", size, 76 + 72 * len(runs))
        st.markdown(f"{size} {comparison.machine_sentence(runs)}")
    left, right = st.columns([3, 2], vertical_alignment="center")
    points = {name: (networks[name].parameters, run.test_accuracy) for name, run in runs.items()}
    with left:
        chart(figures.accuracy_against_parameters(points), "comparison_price", size)
    right.markdown(
        "**What does accuracy cost?** To the left are small networks, at the top those that read "
        f"most digits right. {comparison.efficiency_sentence(NOTEBOOK)}"
    )

elif view == LEARNING:
    learned = comparison.learning_sentence(runs)
    histories = {name: run.history for name, run in runs.items()}
    for metric, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        with column:
            chart(figures.learning_curves(histories, metric), f"comparison_{metric}", learned, 370)
    seconds = {name: run.epoch_seconds for name, run in runs.items()}
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        time = comparison.machine_sentence(runs)
        chart(figures.seconds_per_epoch(seconds), "comparison_seconds", time, 76 + 72 * len(runs))
    right.markdown(f"{learned} {time}")

elif view == MISTAKES:
    left, right = st.columns(2)
    with left:
        one = choose_one(runs)
        matrix = runs[one].confusion
        alt = f"Of {matrix.sum():,} test digits, {one} reads {np.trace(matrix):,} right."
        figure = figures.confusion_matrix(matrix)
        figure.layout.yaxis.scaleanchor = None  # fill the column, whatever its shape
        figure.layout.margin.t = 8
        chart(figure, "comparison_matrix", alt, 420)
    with right:
        kind = controls.segmented("Digits", "comparison_digits", [WORST, CONTESTED], WORST)
        if kind == WORST:
            told, cards = comparison.worst(labels, one, runs[one], GALLERY)
        else:
            told, cards = comparison.contested(labels, runs, GALLERY)
        maps = [Map(mnist.load().x_test[at], title, caption) for at, title, caption in cards]
        if maps:
            explorer.gallery(
                maps, key="comparison_gallery", alt=told, height=420, columns=4, legend=False
            )
        st.markdown(told)

else:
    moved = {name: measuring.moved(run, name) for name, run in runs.items()}
    known = {name: values for name, values in moved.items() if values}
    for (way, words), column in zip(WAYS.items(), st.columns(2), strict=True):
        with column:
            told = comparison.moved_sentence({n: v[way] for n, v in known.items()}, SHIFT, words)
            # A run without a measurement keeps its colour, and so do those behind it.
            curves = {name: values[way] if values else [] for name, values in moved.items()}
            figure = figures.moved_curves(evaluation.SHIFTS, curves, words)
            figure.data = [line for line in figure.data if len(line.y)]
            chart(figure, f"comparison_{way}", told, 370)
            st.markdown(told)
    st.markdown(
        "No network was trained on moved digits. A Dense layer has a weight of its own for each "
        "pixel, so a moved stroke meets weights that were learned for other strokes. A filter "
        "is the same everywhere and finds the stroke again, and pooling forgets small moves; only "
        "the Dense layers behind them still care where it was found."
    )

if view != MISTAKES:
    one = choose_one(runs)
frame.keras_lines(export.run_code(runs[one].spec))

trained = {n: run for n, spec in NOTEBOOK_RUNS.items() if (run := resources.find(spec))}
moved_right = {
    name: values["right"]
    for name, run in trained.items()
    if (values := resources.store().moved(run.digest))
}
if trained:
    frame.question(
        "Compare the CNN and the feedforward network.", comparison.comparison_answer(trained)
    )
frame.question(
    "Why are CNNs better equipped to handle image data than other networks?",
    comparison.why_answer(NOTEBOOK, moved_right, SHIFT),
)
frame.footer(SLUG)
