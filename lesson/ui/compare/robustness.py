"""What is left of the chosen runs' accuracy when the test digits are made harder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from lesson import figures, holding
from lesson.results import Robustness
from lesson.robustness import WAYS, ink
from lesson.specs import LEVELS
from lesson.ui import controls, digits, explorer, frame, measuring
from lesson.ui.charts import chart
from lesson.ui.compare.chosen import Chosen
from lesson.ui.explorer import Map, Mark

CHANGE, MAPS = "comparison_change", "comparison_moved"
# Short, so that all stand in one line.
KINDS = {
    "Moved sideways": "right",
    "up or down": "down",
    "anywhere": "moved",
    "Turned": "rotation",
    "Resized": "scale",
    "Noise": "noise",
    "Paler ink": "contrast",
    "Blurred": "blur",
    "Covered": "patch",
}
SHOWN = 5  # levels at which the digit in hand is shown


def show(chosen: Chosen) -> None:
    digit = digits.in_hand()
    kind = KINDS[
        controls.segmented("How the digits are changed", CHANGE, list(KINDS), next(iter(KINDS)))
    ]
    pictures = st.container()
    # A run that was not measured keeps its place, and so its colour.
    found = {name: measuring.robustness(run, name, kind) for name, run in chosen.runs.items()}
    with pictures:
        above = st.container()
        left, right = st.columns([4, 3], gap="medium")
    maps = kind == "moved"  # they take the whole width
    with above if maps else left:
        _measured(kind, found)
    with right:
        _strip(kind, digit)
    (left if maps else right).markdown(WHY[kind])
    _summary(found)


def _measured(kind: str, found: Mapping[str, Robustness]) -> None:
    """The chosen kind's accuracies: curves, or maps of both ways at once."""
    known = {name: values[kind] for name, values in found.items() if kind in values}
    if not known:
        return
    told = holding.furthest_apart(kind, known)
    if kind == "moved":
        _maps(known, told)
    else:
        curves = {name: values.get(kind, []) for name, values in found.items()}
        way = WAYS[kind]
        figure = figures.robustness_curves(LEVELS[kind], curves, way.axis, way.rest)
        chart(figure, "comparison_curve", told, 380)
    st.markdown(told)


def _maps(known: Mapping[str, Any], told: str) -> None:
    """For each run the accuracy wherever the digits are moved, as a map."""
    levels = LEVELS["moved"]
    side = round(len(levels) ** 0.5)
    rest = levels.index(WAYS["moved"].rest)
    mark = Mark(rest // side, rest % side, rest // side + 1, rest % side + 1, "unmoved", "result")
    explorer.pixels(
        [
            Map(
                100 * np.reshape(values, (side, side)),
                name,
                scale="count",
                low=0,
                high=100,
                decimals=0,
                marks=[mark],
            )
            for name, values in known.items()
        ],
        key=MAPS,
        alt=f"Percent read right, up and down by rows, sideways by columns. {told}",
        height=0.35 if len(known) > 2 else 0.6,  # small cells go without numbers
        columns=3,
        linked=True,
        places=[holding.level_in_words("moved", level) for level in levels],
    )


def _strip(kind: str, digit: digits.Digit) -> None:
    """What the digit in hand looks like at some of the levels."""
    levels = LEVELS[kind]
    places = np.linspace(0, len(levels) - 1, SHOWN).round().astype(int)
    picture = ink(digit.image[None])
    explorer.gallery(
        [
            Map(
                WAYS[kind].apply(picture, levels[at])[0],
                holding.level_in_short(kind, levels[at]),
                low=0,
                high=1,
                numbers=False,
            )
            for at in places
        ],
        key="comparison_strip",
        alt=f"{digit.title}: {WAYS[kind].name.lower()}, {WAYS[kind].axis}.",
        height=340,
        columns=3,
        legend=False,
    )


def _summary(found: Mapping[str, Robustness]) -> None:
    """Who holds best at what, over all kinds."""
    known = {name: values for name, values in found.items() if values}
    if not known:
        return
    frame.heading("Who holds best at what?")
    means = holding.means(known)
    st.markdown(f"{holding.verdict(means)} {holding.widest_gap(known)}")
    st.markdown(holding.table(means, list(found)), unsafe_allow_html=True)
    st.markdown(
        "In bold stands the best, and whoever is less than a percentage point behind; a dash says "
        "that it was not measured. No network was trained on any changed digit."
    )


MOVED = (
    "A Dense layer has a weight of its own for each pixel, so a moved stroke meets weights that "
    "were learned for other strokes. A filter is the same everywhere and finds the stroke again, "
    "and pooling forgets small moves; only the Dense layers behind them still care where it was "
    "found."
)
WHY = {
    "right": MOVED,
    "down": MOVED,
    "moved": MOVED,
    "rotation": (
        "A filter finds a stroke wherever it lies, but not however it is turned: sharing weights "
        "over places shares nothing over directions."
    ),
    "scale": (
        "The network has no word for size. A larger digit has longer and thicker strokes at other "
        "places, and has to resemble one that was trained on."
    ),
    "noise": (
        "A weighted sum over many pixels averages noise out as far as its weights are alike. "
        "The largest of four noisy values, which max pooling keeps, is mostly too large."
    ),
    "contrast": (
        "Half the ink halves every product of pixel and weight, but no bias. How the answer "
        "shifts depends on how large the biases are beside the sums: that was learned, and at "
        "full ink only."
    ),
    "blur": (
        "Blurring takes the sharp edges, spreads the ink and makes it paler. What is left are the "
        "coarse shapes."
    ),
    "patch": (
        "What is covered no network can see: it must answer from the rest, and paper where ink "
        "was is a sign for another digit."
    ),
}
