"""Filters over series, words and films; the notebook's closing questions; what one has learned."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import streamlit as st

from lesson import diagrams, outcome, scripts, series, sliding
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD
from lesson.ui import controls, explorer, frame, resources
from lesson.ui.navigation import page

SLUG = "beyond-images"
FILTERS = {key: kernel.name for key, kernel in series.KERNELS.items()} | {series.OWN: "My own"}


@st.cache_data(ttl=60, show_spinner=False)
def results() -> list[outcome.Result]:
    """The notebook's networks in brief, not read from their files again at each move."""
    return outcome.results(resources.store())


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
frame.question(
    "Move the filter over the words. Where is its answer largest, and what does it look for?",
    f"At *{series.best_words(series.WORDS, series.NOT_GOOD)}*: it looks for a word that turns "
    "things round before one that praises. It would find the two wherever they stood.",
)

frame.heading("Films")
st.markdown(diagrams.frames_filter(), unsafe_allow_html=True)
frame.prose(
    "A film is a row of pictures, and what follows in time belongs together too. The window "
    "slides across, down, and through time, so it can answer to *movement*, which no single "
    "frame shows. In Keras: `layers.Conv3D(filters, kernel_size=(3, 2, 2))`."
)

frame.heading("The closing questions")
conv, dense = CNN_1.ledger[0], CNN_1.ledger[3]
cells = math.prod(conv.output_shape)
frame.question(
    "Why do convolutional networks suit pictures better than Dense layers alone?",
    f"A filter sees only pixels that lie side by side, where strokes and edges are. And it has the "
    f"same weights everywhere: what it learned in one place it finds in any other.\n\n"
    f"So the convolutional layer itself needs few parameters. That of CNN 1 has {conv.arithmetic}; "
    f"a Dense layer that gives as many values would need 784×{cells:,} + {cells:,} = "
    f"{784 * cells + cells:,}.\n\n"
    f"Often one adds that the whole network gets smaller. But CNN 1 has {CNN_1.parameters:,} "
    f"parameters and the feedforward network {FEEDFORWARD.parameters:,}, since the Dense layer "
    f"behind the filters of CNN 1 alone has {dense.arithmetic}. CNN 2 pools twice before its first "
    f"Dense layer: {CNN_2.parameters:,}.\n\n{outcome.reading(results())}",
)
frame.question(
    "In which situations other than images could one use them?",
    "Wherever things have neighbours and a pattern may turn up anywhere: **series** (heartbeats, "
    "machines, prices), **text** (neighbouring words), **films** (pictures and time), **sound** "
    "(a picture of pitch over time), **DNA** (neighbouring letters), **board games**.",
)
frame.question(
    "A table holds age, income and shoe size of many people. Would a filter over its columns help?",
    "No. Put the columns in another order and nothing is lost, so being side by side means "
    "nothing there. Do the same with the pixels of a digit, or with the days of a series, and "
    "nobody can read it any more. That is the test: where the order matters, a filter may help.",
)
frame.question(
    "An alarm shall ring as soon as the heart beats out of step. Which padding does it need?",
    "`causal`: each answer is made of what was measured up to then. `valid` gives the same "
    "answers, but none before the first window is full. With `same`, each answer needs values "
    "that come later, and the alarm would be late.",
)

frame.heading("What you have learned")
for objective in outcome.OBJECTIVES:
    frame.prose(f"**{objective.goal}** {objective.learned}")
    with st.container(horizontal=True):
        for entry in (page(slug) for slug in objective.pages if slug != SLUG):
            icon = ":material/arrow_back:"
            st.page_link(entry.file, label=entry.title, icon=icon, width="content")

frame.footer(SLUG)
