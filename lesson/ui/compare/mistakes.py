"""What the chosen runs misread."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lesson import comparison, figures, mnist
from lesson.ui import controls, explorer
from lesson.ui.charts import chart
from lesson.ui.compare.chosen import Chosen
from lesson.ui.explorer import Map

WORST, CONTESTED = "its worst mistakes", "where the runs disagree"
GALLERY = 8


def show(chosen: Chosen) -> None:
    runs = chosen.runs
    left, right = st.columns(2)
    with left:
        one = chosen.one("Mistakes of", "comparison_confusion")
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
