"""One digit, changed by the reader, and what each of the chosen runs answers to it."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache

import numpy as np
import streamlit as st

from lesson import answers, diagrams
from lesson.network import Float32
from lesson.palette import run_colours
from lesson.results import Run
from lesson.robustness import SIDE, Changes, ink
from lesson.ui import controls, digits, explorer
from lesson.ui.compare.chosen import Chosen
from lesson.ui.digits import Digit
from lesson.ui.explorer import Map

AS_IT_IS = Changes()
# What a click does to the digit.
EXAMPLES = {
    "Put it back": AS_IT_IS,
    "Move it 3 pixels": Changes(right=3),
    "Turn it by 30°": Changes(rotation=30),
    "A tenth of the ink": Changes(contrast=0.1),
    "Add noise": Changes(noise=0.4),
}


def show(chosen: Chosen) -> None:
    problems = {name: answers.problem(name, run) for name, run in chosen.runs.items()}
    runs = {name: run for name, run in chosen.runs.items() if not problems[name]}
    with st.container(horizontal=True, gap="small"):
        for name, example in EXAMPLES.items():
            st.button(name, f"comparison_example_{name}", on_click=_set, args=(example,))
    # The colours are those that the runs have among all that were chosen.
    _answers(runs, run_colours(chosen.runs))
    if told := " ".join(filter(None, problems.values())):
        st.info(told)


@st.fragment
def _answers(runs: dict[str, Run], colours: dict[str, str]) -> None:
    """The sliders, the digit, and the answers, which follow at once."""
    digit = digits.in_hand()
    both, told, bars = _put_together(
        digit.image.tobytes(), digit.label, _choose(), tuple(runs.items()), tuple(colours.items())
    )
    left, right = st.columns(2, gap="medium")
    with left:
        _pictures(digit, both)
        if told:
            st.markdown(told)
    if bars:
        right.markdown(bars, unsafe_allow_html=True)


@lru_cache(maxsize=500)
def _put_together(
    image: bytes,
    label: int | None,
    changes: Changes,
    runs: tuple[tuple[str, Run], ...],
    colours: tuple[tuple[str, str], ...],
) -> tuple[Float32, str, str]:
    """The digit as it is and changed, what that does to the answers, and the answers as SVG.

    Kept, since a class has the same digit in hand and moves the same slider.
    """
    picture = ink(np.frombuffer(image, np.uint8).reshape(1, SIDE, SIDE))
    both = np.concatenate([picture, changes.apply(picture)])
    if not runs:
        return both, "", ""
    chances = {name: answers.probabilities(run, both) for name, run in runs}
    before, after = ({name: each[at] for name, each in chances.items()} for at in (0, 1))
    told = answers.told(before, after) if (both[0] != both[1]).any() else ""
    bars = {name: each.tolist() for name, each in after.items()}
    return both, told, diagrams.answers(bars, dict(colours), label)


def _choose() -> Changes:
    """What is done to the digit: ten sliders, in rows of as many as there is room for."""
    # One container costs a move less than columns would.
    with st.container(horizontal=True, gap="medium", key="comparison_changes"):
        right = controls.slider("Move right", key("right"), -10, 10, AS_IT_IS.right)
        down = controls.slider("Move down", key("down"), -10, 10, AS_IT_IS.down)
        rotation = controls.slider("Turn, degrees", key("rotation"), -180, 180, 0, 5)
        scale = controls.slider("Size, times", key("scale"), 0.3, 2.0, AS_IT_IS.scale, 0.1)
        noise = controls.slider("Noise", key("noise"), 0.0, 1.0, AS_IT_IS.noise, 0.05)
        blur = controls.slider("Blur, pixels", key("blur"), 0.0, 4.0, AS_IT_IS.blur, 0.25)
        contrast = controls.slider("Ink left", key("contrast"), 0.05, 1.0, AS_IT_IS.contrast, 0.05)
        patch = controls.slider("Patch, side", key("patch"), 0, 20, AS_IT_IS.patch)
        # Where a patch lies can be asked for once there is one.
        with controls.aside(shown=patch > 0):
            room = SIDE - patch
            top = controls.slider("Patch, row", key("patch_top"), 0, room, AS_IT_IS.patch_top)
            beside = controls.slider(
                "Patch, column", key("patch_left"), 0, room, AS_IT_IS.patch_left
            )
    return Changes(right, down, rotation, scale, blur, contrast, noise, patch, top, beside)


def key(name: str) -> str:
    """The key of a slider, by the name of what it sets in :class:`Changes`."""
    return f"comparison_{name}"


def _set(changes: Changes) -> None:
    st.session_state.update({key(name): value for name, value in asdict(changes).items()})


def _pictures(digit: Digit, both: Float32) -> None:
    explorer.pixels(
        [
            Map(both[0], digit.title, low=0, high=1, numbers=False),
            Map(both[1], "Changed", low=0, high=1, numbers=False),
        ],
        key="comparison_changed",
        alt=f"{digit.title} as it was, and changed",
        between=("→",),
        height=0.27,
        legend=False,
    )
