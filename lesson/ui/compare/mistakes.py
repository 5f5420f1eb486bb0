"""What the chosen runs misread: the confusion matrix, and the digits of any of its cells."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from lesson import figures, misread, mnist
from lesson.ui import controls, digits, explorer, links
from lesson.ui.charts import sized
from lesson.ui.compare.chosen import Chosen
from lesson.ui.explorer import Map
from lesson.ui.navigation import page

MATRIX, GALLERY = "comparison_matrix", "comparison_gallery"
KIND, TRUE, ANSWER = "comparison_digits", "comparison_true", "comparison_answer"
TAKEN = "_comparison_digit_taken"
WORST, CELL, CONTESTED = KINDS = ("its worst mistakes", "this cell", "where the runs disagree")
ANY = "any"
LABELS = (ANY, *map(str, range(10)))
FROM = "_comparison_from"  # what is leafed through, by its sentence, and where one is in it
COUNT = 8
# The matrix begins at two fifths of a projector's screen and takes the rest of it. Streamlit knows
# heights in pixels only.
TALL = 440
AS_TALL_AS_THE_SCREEN = f"""<style>
[data-testid='stLayoutWrapper']:has(> .st-key-comparison_tall), .st-key-comparison_tall {{
  flex-basis: auto;
  height: max({TALL}px, 100vh - 19.5rem);
  overflow: visible;
}}
</style>"""


def show(chosen: Chosen) -> None:
    if st.session_state.pop(TAKEN, False) and controls.alone():
        # The digit's controls stand outside of this part of the page, and would take it back.
        st.rerun(scope="app")
    left, right = st.columns(2)
    with left:
        one = chosen.one("Mistakes of", "comparison_confusion")
        st.html(AS_TALL_AS_THE_SCREEN)
        matrix = st.container(key="comparison_tall", height=TALL, border=False)
    with right:
        kind = controls.segmented("Digits", KIND, list(KINDS), WORST)
        true, answer = _cell(shown=kind == CELL)
        _digits(chosen, one, kind, true, answer)
    with matrix:
        _matrix(chosen, one, true, answer)


def _cell(shown: bool) -> tuple[int | None, int | None]:
    """The row and the column that are looked at, if any."""
    look: dict[str, Any] = {"width": 100, "label_visibility": "collapsed"}
    chosen = []
    with st.container(horizontal=True, vertical_alignment="center"), controls.aside(shown):
        for label, key in (("True", TRUE), ("Answer", ANSWER)):
            if shown:
                st.markdown(label, width="content")
            chosen.append(controls.select(label, key, LABELS, ANY, **look))
    true, answer = (int(digit) if shown and digit != ANY else None for digit in chosen)
    return true, answer


def _matrix(chosen: Chosen, one: str, true: int | None, answer: int | None) -> None:
    counts = chosen.runs[one].confusion
    figure = figures.confusion_matrix(counts, true=true, answer=answer)
    figure.layout.margin.t = 8
    st.plotly_chart(
        sized(figure),
        key=MATRIX,
        height="stretch",
        config=figures.CONFIG,
        alt=f"Of {counts.sum():,} test digits, {one} reads {np.trace(counts):,} right.",
        on_select=_take_cell,
        selection_mode="points",
    )


def _take_cell() -> None:
    """Show the digits of the cell that was clicked."""
    if links.refuses(TRUE, ANSWER, KIND):
        return
    for point in st.session_state[MATRIX]["selection"]["points"]:
        st.session_state[TRUE], st.session_state[ANSWER] = str(point["y"]), str(point["x"])
        st.session_state[KIND] = CELL


def _digits(chosen: Chosen, one: str, kind: str, true: int | None, answer: int | None) -> None:
    """The digits that are asked for, eight at a time."""
    data, run = mnist.load(), chosen.runs[one]
    card: Callable[[int], misread.Card]
    if kind == CONTESTED:
        told, places = misread.contested(data.y_test, chosen.runs)
        card = partial(misread.answers_card, data.y_test, chosen.runs)
    else:
        told, places = misread.mistakes_of(data.y_test, one, run, true, answer)
        if true is None and answer is None:
            told += " Click a cell of the matrix to see its digits."
        card = partial(misread.answer_card, data.y_test, run)
    st.markdown(told)
    if not len(places):
        return
    # From the start again whenever others are asked for.
    asked, first = st.session_state.get(FROM, ("", 0))
    first = first if asked == told and first < len(places) else 0
    shown = places[first : first + COUNT].tolist()
    _gallery([card(at) for at in shown], told)
    with st.container(horizontal=True, vertical_alignment="center"):
        _leaf(f"Previous {COUNT}", "comparison_previous", told, first - COUNT, first > 0)
        _leaf(f"Next {COUNT}", "comparison_next", told, first + COUNT, first + COUNT < len(places))
        st.markdown(f"{first + 1:,} to {first + len(shown):,} of {len(places):,}")
    if digits.in_hand().index in shown:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("The framed digit is in hand.")
            st.page_link(page("inside-a-cnn").file, label="Look at it inside a CNN")


def _leaf(label: str, key: str, told: str, to: int, possible: bool) -> None:
    def go() -> None:
        st.session_state[FROM] = told, to

    st.button(label, key, on_click=go, disabled=not possible)


def _gallery(cards: list[misread.Card], told: str) -> None:
    """The digits as pictures; a click takes one in hand."""
    pictures = mnist.load().x_test
    explorer.gallery(
        [Map(pictures[at], title, caption, choice=at) for at, title, caption in cards],
        key=GALLERY,
        alt=told,
        height=420,
        columns=4,
        legend=False,
        chosen=digits.in_hand().index,
        on_chosen=_take_digit,
    )


def _take_digit() -> None:
    place = st.session_state[GALLERY].chosen
    if place in range(len(mnist.load().y_test)) and not links.refuses(*digits.HELD):
        digits.take(int(place))
        st.session_state[TAKEN] = True
