"""The reader's own digit, drawn or uploaded: kept over all pages, as long as the session lasts.

A digit is prepared, and the shipped networks are asked, once: when it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import streamlit as st

from lesson import drawing, uploads
from lesson.drawing import Float32, Prepared, Step, UInt8
from lesson.errors import LessonError
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import resources
from lesson.ui.explorer import Map, Mark
from lesson.ui.explorer.pad import pad, read
from lesson.words import sure

DRAWN, UPLOADED = "own_drawn", "own_uploaded"  # where the two digits are kept
STROKES = "own_strokes"
PROBLEM = {DRAWN: "own_drawn_problem", UPLOADED: "own_uploaded_problem"}
PAD, FILE, PUT_AWAY = "digit_pad", "digit_file", "digit_put_away"
MEANT = {DRAWN: "digit_drawn_label", UPLOADED: "digit_uploaded_label"}
GONE = {DRAWN: "own_drawn_gone", UPLOADED: "own_uploaded_gone"}  # how many went before


class Answer(NamedTuple):
    """What a network says of a digit, and how sure it is, 0 to 1."""

    network: str
    digit: int
    probability: float


@dataclass(frozen=True, eq=False)
class Own:
    """A reader's own digit.

    Attributes:
        title: what it is called.
        prepared: the digit ``(28, 28)`` and the steps to it.
        steps: the picture as it came, then the steps.
        answers: what the shipped networks say.
        picture: an upload as a picture, no side longer than 64, 0..1.
    """

    title: str
    prepared: Prepared
    steps: tuple[Step, ...]
    answers: tuple[Answer, ...]
    picture: Float32 | None = None


@st.fragment
def drawn() -> Own | None:
    """The pad, and the networks' answers, which follow a stroke alone; the digit, if any."""
    strokes, serial = st.session_state.get(STROKES, ((), 0))
    pad(strokes, serial, key=PAD, alt="Draw a digit here.", on_drawn=_take_drawing)
    for spec in NOTEBOOK_RUNS.values():
        resources.find(spec)  # read while the reader draws: the first stroke need not wait for it
    return _shown(DRAWN)


def uploaded() -> Own | None:
    """The field for a file, and the digit in it, if there is one."""
    file = st.file_uploader(
        "A picture of one digit",
        key=FILE,
        on_change=_take_file,
        help="PNG, JPEG, WebP or GIF, up to "
        f"{uploads.MEGABYTES} MB and {uploads.MEGAPIXELS} million pixels. The digit should be "
        "alone on plain paper. The picture stays in this session and is stored nowhere.",
    )
    if file is None and UPLOADED in st.session_state:
        # A page does not know of the file that another one was given.
        st.button("Put the picture away", key=PUT_AWAY, on_click=_put_away, width="stretch")
    elif file is None:
        st.session_state.pop(PROBLEM[UPLOADED], None)
    return _shown(UPLOADED)


def picture() -> Float32 | None:
    """The uploaded picture as a picture: 0..1, no side longer than 64; ``None`` without one."""
    own = kept(UPLOADED)
    return own.picture if own else None


def maps(steps: Sequence[Step]) -> list[Map]:
    """The steps of a digit's preparation side by side: a pixel of 28 as large as four of 112."""
    longest = max(max(step.values.shape) for step in steps)
    shown = []
    for step in steps:
        side = max(step.values.shape)
        # The row itself enlarges what is small, so that a kernel can be seen beside a picture.
        size = (longest / drawing.SIDE) / max(1, longest / (2.3 * side)) if _is_small(step) else 1.0
        marks = [Mark(*step.box)] if step.box else []
        shown.append(Map(step.values, step.title, numbers=False, marks=marks, size=size))
    return shown


def _is_small(step: Step) -> bool:
    return max(step.values.shape) <= drawing.SIDE


def meant(kind: str) -> None:
    """Ask which digit the reader says it is."""
    # Not in the address: without the picture it would say nothing.
    st.pills(
        "Which digit did you mean?",
        range(10),
        key=meant_key(kind),
        persist_state="session",
        help="Say it, and the pages tell whether a network is right.",
    )


def label(kind: str) -> int | None:
    """Which digit the reader says it is, if any."""
    said: int | None = st.session_state.get(meant_key(kind))
    return said


def meant_key(kind: str) -> str:
    """Where it stands which digit was meant: for each digit anew, since the browser, as long as
    it shows the question, goes on to say what was answered for the one before.
    """
    return f"{MEANT[kind]}_{st.session_state.get(GONE[kind], 0)}"


def kept(kind: str) -> Own | None:
    """The digit that was drawn or uploaded, if there is one."""
    own: Own | None = st.session_state.get(kind)
    return own


def _shown(kind: str) -> Own | None:
    """What is wrong with what came last, or what the networks say of the digit in hand."""
    if problem := st.session_state.get(PROBLEM[kind]):
        st.error(problem)
    own = kept(kind)
    if own and own.answers:
        st.markdown(_lines(own.answers))
    return own


def _lines(answers: Sequence[Answer]) -> str:
    r"""The answers, a line each; a table would be too wide for the sidebar.

    >>> _lines([Answer("CNN 1", 7, 0.987), Answer("CNN 2", 1, 0.9999)])
    'The networks, and how sure they are:\n\n**7** CNN 1, 98.7%\\\n**1** CNN 2, over 99.9%'
    """
    lines = [f"**{each.digit}** {each.network}, {sure(each.probability)}" for each in answers]
    return "The networks, and how sure they are:\n\n" + "\\\n".join(lines)


def _take_drawing() -> None:
    st.session_state.pop(PROBLEM[DRAWN], None)
    try:
        strokes, serial = read(st.session_state[PAD].drawn)
    except LessonError as error:
        st.session_state[PROBLEM[DRAWN]] = str(error)
        return
    st.session_state[STROKES] = strokes, serial
    if strokes:
        ink = drawing.draw(strokes)
        count = f"{len(strokes)} stroke{'s' if len(strokes) > 1 else ''}"
        says = f"You drew {count} on {drawing.GRID}×{drawing.GRID} points. Ink is 1, paper is 0."
        st.session_state[DRAWN] = _own("Your drawing", ink, ink, says)
    else:
        _forget(DRAWN)


def _take_file() -> None:
    file = st.session_state[FILE]
    _forget(UPLOADED)
    if file is None:
        return
    try:
        upload = uploads.read(file.getvalue())
        own = _own("Your picture", upload.whole, upload.ink, upload.says, upload.picture)
    except LessonError as error:
        st.session_state[PROBLEM[UPLOADED]] = str(error)
    else:
        st.session_state[UPLOADED] = own


def _put_away() -> None:
    _forget(UPLOADED)


def _forget(kind: str) -> None:
    """The digit goes, and with it what it was said to be."""
    for key in (kind, PROBLEM[kind]):
        st.session_state.pop(key, None)
    st.session_state[GONE[kind]] = st.session_state.get(GONE[kind], 0) + 1


def _own(
    title: str, whole: Float32, ink: Float32, says: str, picture: Float32 | None = None
) -> Own:
    prepared = drawing.prepare(ink)
    first = Step(f"1. {title}", drawing.to_bytes(drawing.within(whole, drawing.SHOWN)), says)
    return Own(title, prepared, (first, *prepared.steps), tuple(_ask(prepared.image)), picture)


def _ask(image: UInt8) -> list[Answer]:
    """What each of the shipped networks says; those that are missing say nothing."""
    answers = []
    for name, spec in NOTEBOOK_RUNS.items():
        run = resources.find(spec)
        if run and run.weights is not None:
            chances = resources.activations(run, image)[-1][0]
            answers.append(Answer(name, int(chances.argmax()), float(chances.max())))
    return answers
