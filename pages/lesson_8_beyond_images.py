"""Filters over series, words and films; the notebook's closing questions; what one has learned."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lesson import diagrams, figures, outcome
from lesson.series import KERNELS, LENGTH, NOT_GOOD, OWN, OWN_SIZE, PADDINGS, SERIES, WORDS
from lesson.series import keras_code, slide
from lesson.specs import CNN_1, FEEDFORWARD, NOTEBOOK_RUNS, Dense
from lesson.ui import controls, frame, resources
from lesson.ui.navigation import page

SLUG = "beyond-images"


@st.cache_data(ttl=60, show_spinner=False)
def results() -> list[outcome.Result]:
    """The notebook's networks in brief; nobody needs to read their files at each move."""
    return outcome.results(resources.store())


frame.header(SLUG)

left, right = st.columns([3, 7], gap="medium")
with left:
    chosen = SERIES[
        controls.select(
            "Series", "beyond_series", list(SERIES), "heartbeat", lambda key: SERIES[key].name
        )
    ]
    names = {key: kernel.name for key, kernel in KERNELS.items()} | {OWN: "Weights of my own"}
    kernel_key = controls.select(
        "Filter", "beyond_kernel", list(names), "pulse", lambda key: names[key]
    )
    padding = controls.segmented("padding", "beyond_padding", PADDINGS, "valid")
    if kernel_key == OWN:
        middle = OWN_SIZE // 2 + 1
        kernel = np.array(
            [
                controls.number(
                    f"Weight {place}", f"beyond_weight_{place}", -2.0, 2.0, float(place == middle), 0.25
                )
                for place in range(1, OWN_SIZE + 1)
            ]
        )
        says = "A single 1 in the middle leaves the series as it is. Change one weight at a time."
    else:
        kernel, says = KERNELS[kernel_key].values, KERNELS[kernel_key].says

answer = slide(chosen.values, kernel, padding)
strongest = int(np.abs(answer).argmax())
size, count = len(kernel), len(answer)
with right:
    st.plotly_chart(
        figures.series(chosen.values, answer, kernel),
        key="beyond_figure",
        config=figures.CONFIG,
        alt=f"{chosen.name} above, the filter's answers below; the strongest is "
        f"{answer[strongest]:.2f} at time {strongest + (LENGTH - count) / 2:g}.",
    )
st.write(says)

frame.footer(SLUG)
