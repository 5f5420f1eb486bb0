"""Filters over series, words and films; what one has learned."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from lesson import diagrams, outcome, scripts, series, sliding
from lesson.ui import controls, explorer, frame
from lesson.ui.navigation import page

SLUG = "beyond-images"
FILTERS = {key: kernel.name for key, kernel in series.KERNELS.items()} | {series.OWN: "My own"}


@st.fragment
def show() -> tuple[series.Named, series.Named, str, str]:
    """The controls, and the explorer that follows them at once.

    Returns:
        The series, the filter, the padding, and where the answer is strongest, in a sentence.
    """
    first, second, third = st.columns(3, gap="medium")
    with first:
        series_key = controls.select(
            "Series",
            "beyond_series",
            list(series.SERIES),
            "heartbeat",
            lambda key: series.SERIES[key].name,
        )
    with second:
        kernel_key = controls.select(
            "Filter", "beyond_kernel", list(FILTERS), "pulse", lambda key: FILTERS[key]
        )
    with third:
        padding = controls.segmented("Padding", "beyond_padding", series.PADDINGS, "valid")

    chosen = series.SERIES[series_key]
    if kernel_key == series.OWN:
        columns = st.columns(len(series.OWN_START), gap="small")
        weights = []
        for place, (column, start) in enumerate(zip(columns, series.OWN_START, strict=True), 1):
            with column:
                key = f"beyond_weight_{place}"
                weights.append(controls.number(f"Weight {place}", key, -2.0, 2.0, start, 0.25))
        kernel = series.Named("My own", np.array(weights), "A 1 in the middle leaves all as it is.")
    else:
        kernel = series.KERNELS[kernel_key]

    shown = sliding.series(chosen.values, kernel.values, padding)
    strongest = series.strongest(shown.result[0], len(chosen.values))
    explorer.sliding(
        shown,
        key="beyond_series_explorer",
        alt=f"{chosen.name} above, the filter's answers below. {strongest}",
        titles=(chosen.name, f"Filter: {kernel.name}", "The filter's answers"),
        scale="diverging",
        plot=True,
        # An answer that must not know what comes later stands where its window ends.
        lead=float(len(kernel.values) - 1) if padding == "causal" else None,
    )
    return chosen, kernel, padding, strongest


frame.header(SLUG)
chosen, kernel, padding, strongest = show()
frame.prose(f"**{strongest}** {chosen.says} {kernel.says}")

frame.prose(series.padding_in_words(padding, len(chosen.values), len(kernel.values)))
lines = series.keras_code(kernel.values, padding)
frame.keras_lines(lines, partial(scripts.series, lines, chosen.values), SLUG)

frame.heading("Words")
places = len(series.WORDS) - len(series.NOT_GOOD) + 1
position = controls.slider("First word under the filter", "beyond_position", 1, places, 1)
labels = [f"{word} {tone:g}".replace("-", "−") for word, tone in series.WORDS.items()]
st.markdown(diagrams.words_filter(labels, series.NOT_GOOD, position - 1), unsafe_allow_html=True)
frame.prose(
    f"**{series.sum_in_words(series.WORDS, series.NOT_GOOD, position - 1)}.** Each word has a "
    f"number here, made up for this picture. A real network learns a *vector* for each word: 50 "
    f"numbers, say (an `Embedding` layer); a filter over 2 words then sees 2×50 of them and has "
    f"2×50 + 1 = {2 * 50 + 1} parameters. It slides in one direction only, along the sentence."
)

frame.heading("Films")
st.markdown(diagrams.frames_filter(), unsafe_allow_html=True)
frame.prose(
    "A film is a row of pictures, and what follows in time belongs together too. The window "
    "slides across, down, and through time, so it can answer to *movement*, which no single "
    "frame shows. In Keras: `layers.Conv3D(filters, kernel_size=(3, 2, 2))`."
)

frame.heading("What you have learned")
for objective in outcome.OBJECTIVES:
    frame.prose(f"**{objective.goal}** {objective.learned}")
    with st.container(horizontal=True):
        for entry in (page(slug) for slug in objective.pages if slug != SLUG):
            icon = ":material/arrow_back:"
            st.page_link(entry.file, label=entry.title, icon=icon, width="content")

frame.footer(SLUG)
