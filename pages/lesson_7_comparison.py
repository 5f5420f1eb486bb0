from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from lesson import comparison, export, figures, mnist
from lesson.specs import NOTEBOOK_RUNS, SHIFTS
from lesson.ui import controls, explorer, frame, measuring, navigation, resources
from lesson.ui.charts import chart
from lesson.ui.explorer import Map

SLUG = "comparison"
RESULT, LEARNING, MISTAKES, MOVED = "Result", "Learning", "Mistakes", "Moved digits"
WORST, CONTESTED = "its worst mistakes", "where the runs disagree"
WAYS = {"right": "to the right", "down": "down"}
NOTEBOOK = {name: spec.network for name, spec in NOTEBOOK_RUNS.items()}
MAX_RUNS, GALLERY, SHIFT = 6, 8, 3


def choose_one(full: dict[str, str]) -> str:
    """The label of the run whose mistakes and whose script are shown."""
    return controls.select(
        "Mistakes and script of",
        "comparison_confusion",
        list(full),
        next(iter(full)),
        full.__getitem__,
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
found = [(names[digest], resources.store().load(digest)) for digest in chosen]
labels = comparison.labels(name for name, run in found if run)
runs = {labels[name]: run for name, run in found if run}
full = {label: name for name, label in labels.items()}
if len(runs) < len(chosen):
    reasons = resources.store().warnings[-1:]
    st.warning(" ".join(["A chosen run could not be read and is left out.", *reasons]))
if len(notebook) < len(NOTEBOOK_RUNS):
    st.info(
        "Not all of the notebook's three runs are in assets/runs. "
        "`python -m lesson.shipped --missing` trains what is missing."
    )
if not runs:
    st.info("Choose at least one finished run, or train one on the pages before.")
    frame.footer(SLUG)
    navigation.shown()
    st.stop()

networks = {name: run.spec.network for name, run in runs.items()}

if view != RESULT and (lettered := [f"{a}: {b}" for a, b in full.items() if a != b]):
    st.caption("; ".join(lettered))

if view == RESULT:
    st.dataframe(
        pd.DataFrame(comparison.table(full, runs)),
        hide_index=True,
        key="comparison_table",
        column_config={
            "Colour": st.column_config.ImageColumn("", width=40),
            "Network": st.column_config.TextColumn(width="large"),
            "Accuracy": st.column_config.NumberColumn(format="%.4f"),
            "Loss": st.column_config.NumberColumn(format="%.4f"),
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
        chart(figures.accuracy_against_parameters(points), "comparison_price", size, 420)
    right.markdown(
        "**What does accuracy cost?** To the left are small networks, at the top those that read "
        f"most digits right. {comparison.efficiency_sentence(NOTEBOOK)}"
    )

elif view == LEARNING:
    learned = comparison.learning_sentence(runs)
    histories = {name: run.history for name, run in runs.items()}
    tall = 300 + 24 * len(runs)  # the legend takes its share
    for metric, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        with column:
            chart(figures.learning_curves(histories, metric), f"comparison_{metric}", learned, tall)
    seconds = {name: run.epoch_seconds for name, run in runs.items()}
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        time = comparison.machine_sentence(runs)
        chart(figures.seconds_per_epoch(seconds), "comparison_seconds", time, 76 + 72 * len(runs))
    right.markdown(f"{learned} {time}")

elif view == MISTAKES:
    left, right = st.columns(2)
    with left:
        one = choose_one(full)
        matrix = runs[one].confusion
        alt = f"Of {matrix.sum():,} test digits, {one} reads {np.trace(matrix):,} right."
        figure = figures.confusion_matrix(matrix)
        figure.layout.yaxis.scaleanchor = None  # fill the column, whatever its shape
        figure.layout.margin.t = 8
        chart(figure, "comparison_matrix", alt, 420)
    with right:
        kind = controls.segmented("Digits", "comparison_digits", [WORST, CONTESTED], WORST)
        digits = mnist.load()
        if kind == WORST:
            told, cards = comparison.worst(digits.y_test, one, runs[one], GALLERY)
        else:
            told, cards = comparison.contested(digits.y_test, runs, GALLERY)
        maps = [Map(digits.x_test[at], title, caption) for at, title, caption in cards]
        if maps:
            explorer.gallery(
                maps, key="comparison_gallery", alt=told, height=420, columns=4, legend=False
            )
        st.markdown(told)

else:
    pictures = st.container()
    moved = {name: measuring.moved(run, name) for name, run in runs.items()}
    known = {name: values for name, values in moved.items() if values}
    for (way, words), column in zip(WAYS.items(), pictures.columns(2), strict=True):
        if known:
            told = comparison.moved_sentence({n: v[way] for n, v in known.items()}, SHIFT, words)
            # A run without a measurement keeps its colour, and so do those behind it.
            curves = {name: values[way] if values else [] for name, values in moved.items()}
            figure = figures.moved_curves(SHIFTS, curves, words)
            figure.data = [line for line in figure.data if len(line.y)]
            with column:
                chart(figure, f"comparison_{way}", told, 370)
                st.markdown(told)
    st.markdown(
        "No network was trained on moved digits. A Dense layer has a weight of its own for each "
        "pixel, so a moved stroke meets weights that were learned for other strokes. A filter "
        "is the same everywhere and finds the stroke again, and pooling forgets small moves; only "
        "the Dense layers behind them still care where it was found."
    )

if view != MISTAKES:
    one = choose_one(full)
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
