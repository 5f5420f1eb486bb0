"""How the chosen runs learned: accuracy and loss by epoch, and the seconds that each took."""

from __future__ import annotations

import streamlit as st

from lesson import comparison, figures, plots
from lesson.ui import frame
from lesson.ui.charts import chart
from lesson.ui.compare.chosen import Chosen


def show(chosen: Chosen) -> None:
    runs = chosen.runs
    learned = comparison.learning_sentence(runs)
    histories = {name: run.history for name, run in runs.items()}
    tall = 300 + 24 * len(runs)  # the legend takes its share
    for metric, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        with column:
            chart(figures.learning_curves(histories, metric), f"comparison_{metric}", learned, tall)
    seconds = {name: run.epoch_seconds for name, run in runs.items()}
    high = 1.08 * max(max(each) for each in seconds.values())
    left, right = st.columns([3, 2], vertical_alignment="center")
    picture = plots.spread(seconds, "seconds an epoch", "epoch", ".2f", (0.0, high))
    left.markdown(picture, unsafe_allow_html=True)
    frame.prose(f"{learned} {comparison.machine_sentence(runs)}", right, alone=True)
