"""The digit in hand, the same on every page: one of the 10,000 test digits, or the reader's own."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from lesson import mnist
from lesson.drawing import Step
from lesson.ui import controls, links, own

SOURCE_KEY = "digit_source"
TEST, DRAW, UPLOAD = SOURCES = ("Test set", "Draw", "Upload")
KINDS = {DRAW: own.DRAWN, UPLOAD: own.UPLOADED}
KEY = "digit"
HELD = (KEY, SOURCE_KEY)  # what decides which digit is in hand
AHEAD = "_digit_ahead"  # the field's digit, and the one in hand in its place
LABEL_KEY = "digit_label"
FIRST = 0


@dataclass(frozen=True, eq=False)
class Digit:
    """A digit ``(28, 28)`` of bytes: a test digit, or one that the reader drew or uploaded.

    Attributes:
        index: the test digit's place, 0 to 9,999; ``None`` if it is the reader's own.
        label: 0 to 9; ``None`` if the reader has not said which digit was meant.
        image: 0 for background to 255 for ink.
        name: what the reader's own is called.
        steps: how the reader's own was prepared, the picture as it came first.
    """

    index: int | None
    label: int | None
    image: npt.NDArray[np.uint8]
    name: str = "Your digit"
    steps: tuple[Step, ...] = ()

    @property
    def title(self) -> str:
        """What stands above the picture.

        >>> [Digit(0, label, np.zeros((28, 28), np.uint8)).title for label in (7, 8)]
        ['A 7', 'An 8']
        >>> Digit(None, 7, np.zeros((28, 28), np.uint8), "Your drawing").title
        'Your drawing'
        """
        if self.index is None:
            return self.name
        return f"{'An' if self.label == 8 else 'A'} {self.label}"


def choose() -> Digit:
    """The controls for the digit in hand, in the sidebar, and the digit that they hold.

    Call it once on a page, before what shows the digit. As long as the reader has drawn or
    uploaded nothing, it is a test digit.

    Raises:
        LessonError: the file of digits is damaged.
    """
    with st.sidebar:
        source = controls.segmented("Digit from", SOURCE_KEY, SOURCES, TEST)
        if source == TEST:
            _test_digit()
        elif own.drawn() if source == DRAW else own.uploaded():
            own.meant(KINDS[source])
        else:
            done = "drawn" if source == DRAW else "uploaded"
            st.caption(f"Nothing is {done} yet. Until then the pages show a test digit.")
            _test_digit()
    return in_hand()


def in_hand() -> Digit:
    """The digit that the controls hold, without the controls: for a part of a page run alone."""
    source = st.session_state.get(SOURCE_KEY, TEST)
    if source != TEST and (mine := own.kept(KINDS[source])):
        label = own.label(KINDS[source])
        return Digit(None, label, mine.prepared.image, mine.title, mine.steps)
    data, index = mnist.load(), in_test()
    return Digit(index, int(data.y_test[index]), data.x_test[index])


def in_test() -> int:
    """The place among the test digits that the controls hold."""
    field = st.session_state.get(KEY, FIRST)
    seen, ahead = st.session_state.get(AHEAD, (None, FIRST))
    # Held in bounds: when a part is run alone, no control has looked at what the browser sent.
    return int(min(max(ahead if seen == field else field, 0), len(mnist.load().y_test) - 1))


def following() -> None:
    """A button for the next test digit, beside the picture; one's own has no next, nor a fixed."""
    if in_hand().index is not None and not links.holds(KEY):
        st.button("Next digit", "digit_next", on_click=_take_following)


def take(index: int) -> None:
    """Take a test digit in hand, for all pages."""
    st.session_state[SOURCE_KEY] = TEST
    _take(index)


def _test_digit() -> None:
    """A test digit can be had by its number, as the next one with a label, or at random."""
    labels = mnist.load().y_test
    if (index := in_test()) != st.session_state.get(KEY, index):
        st.session_state[KEY] = index
    st.session_state.pop(AHEAD, None)
    index = controls.number(
        "Test digit",
        KEY,
        0,
        len(labels) - 1,
        FIRST,
        help="One of the 10,000 digits that no network was trained on. "
        "All pages show the same one.",
    )
    if links.holds(KEY):
        return
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
    labels, index = mnist.load().y_test, in_test()
    clicked = st.session_state[LABEL_KEY]
    label = int(labels[index]) if clicked is None else clicked
    _take(next_with_label(labels, label, index))


def _take_following() -> None:
    # The field for the number stands outside the part that is run, and the browser goes on to
    # say what stands in it: until the whole page is run, the digit in hand is ahead of it.
    following = (in_test() + 1) % len(mnist.load().y_test)
    st.session_state[AHEAD] = st.session_state.get(KEY, FIRST), following


def _take_any() -> None:
    others = len(mnist.load().y_test) - 1
    step = random.randint(1, others)  # never 0: a click must show another digit
    _take((in_test() + step) % (others + 1))


def _take(index: int) -> None:
    st.session_state[KEY] = index
    st.session_state.pop(AHEAD, None)
