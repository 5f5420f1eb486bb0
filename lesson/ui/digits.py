"""The digit in hand: one of the 10,000 test digits, the same on every page."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from lesson import mnist
from lesson.ui import controls

KEY = "digit"
LABEL_KEY = "digit_label"
FIRST = 0


@dataclass(frozen=True, eq=False)
class Digit:
    """A test digit: its place 0 to 9,999, its label 0 to 9, its picture ``(28, 28)`` of bytes."""

    index: int
    label: int
    image: npt.NDArray[np.uint8]


def choose() -> Digit:
    """The controls for the digit in hand, in the sidebar, and the digit that they hold.

    Call it once on a page, before what shows the digit. It can be had by its number, as the next
    one with a label, or at random.

    Raises:
        LessonError: the file of digits is damaged.
    """
    labels, images = mnist.load().y_test, mnist.load().x_test
    with st.sidebar:
        index = controls.number(
            "Test digit",
            KEY,
            0,
            len(labels) - 1,
            FIRST,
            help="One of the 10,000 digits that no network was trained on. "
            "All pages show the same one.",
        )
        # The label follows from the digit; what is stored under its key is only the reader's click.
        st.session_state[LABEL_KEY] = int(labels[index])
        st.pills(
            "The next one labelled",
            range(10),
            key=LABEL_KEY,
            on_change=_take_next,
            help="The label is what the people who wrote the digits said they wrote.",
        )
        st.button("One at random", key="digit_random", on_click=_take_any, width="stretch")
    return Digit(index, int(labels[index]), images[index])


def next_with_label(labels: npt.NDArray[np.uint8], label: int, after: int) -> int:
    """The first place behind ``after`` that holds ``label``, from the start again if there is none.

    >>> labels = np.array([7, 2, 1, 7], dtype=np.uint8)
    >>> next_with_label(labels, 7, after=0), next_with_label(labels, 7, after=3)
    (3, 0)
    """
    places = np.flatnonzero(labels == label)
    return int(places[np.searchsorted(places, after, side="right") % len(places)])


def _take_next() -> None:
    # A second click on the label in hand takes the choice away: it asks for another of the same.
    labels, index = mnist.load().y_test, st.session_state[KEY]
    clicked = st.session_state[LABEL_KEY]
    label = int(labels[index]) if clicked is None else clicked
    st.session_state[KEY] = next_with_label(labels, label, index)


def _take_any() -> None:
    others = len(mnist.load().y_test) - 1
    step = random.randint(1, others)  # never 0: a click must show another digit
    st.session_state[KEY] = (st.session_state[KEY] + step) % (others + 1)
