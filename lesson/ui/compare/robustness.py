"""What is left of the chosen runs' accuracy when the test digits are moved."""

from __future__ import annotations

import streamlit as st

from lesson import comparison, figures
from lesson.specs import SHIFTS
from lesson.ui import measuring
from lesson.ui.charts import chart
from lesson.ui.compare.chosen import Chosen

WAYS = {"right": "to the right", "down": "down"}
SHIFT = 3


def show(chosen: Chosen) -> None:
    pictures = st.container()
    moved = {name: measuring.moved(run, name) for name, run in chosen.runs.items()}
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
