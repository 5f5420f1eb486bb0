"""What is left of the chosen runs' accuracy when the test digits are made harder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import streamlit as st

from lesson import holding, plots
from lesson.results import Robustness, Run
from lesson.robustness import SIDE, WAYS, ink
from lesson.specs import CHANGES, LEVELS
from lesson.ui import controls, digits, explorer, frame, measuring, resources
from lesson.ui.compare.chosen import Chosen
from lesson.ui.explorer import Map, Mark

CHANGE, MAPS = "comparison_change", "comparison_moved"
KINDS = {called: kind for kind, called in CHANGES.items()}
SHOWN = 5  # levels at which the digit in hand is shown


def show(chosen: Chosen) -> None:
    _one_kind(chosen.runs)
    if summary := _summary(_frozen(_measured(chosen.runs))):
        frame.prose(summary, alone=True)


def _measured(runs: Mapping[str, Run]) -> dict[str, Robustness]:
    # A run that was not measured keeps its place, and so its colour.
    return {name: resources.store().robustness(run.digest) for name, run in runs.items()}


@st.fragment
def _one_kind(runs: Mapping[str, Run]) -> None:
    """The chosen kind of change: curves or maps, the digit in hand, and the way to a measurement.

    It runs alone, and of few elements: of a class, everyone moves through the kinds at once.
    """
    digit = digits.in_hand()
    kind = KINDS[
        controls.segmented("How the digits are changed", CHANGE, list(KINDS), next(iter(KINDS)))
    ]
    found = _measured(runs)
    told = _told(kind, _frozen(found, kind))
    if kind == "moved":  # maps take the whole width
        known = {name: values[kind] for name, values in found.items() if kind in values}
        if known:
            _maps(known)
    left, right = st.columns([4, 3], gap="medium")
    frame.prose(told, left, alone=True)
    with right:
        _strip(kind, digit)
    for name, run in runs.items():
        if kind not in found[name]:
            measuring.ask(run, name, kind)


# For each run its accuracies of each kind, so that what is made of them can be kept.
Frozen = tuple[tuple[str, tuple[tuple[str, tuple[float, ...]], ...]], ...]


def _frozen(found: Mapping[str, Robustness], only: str = "") -> Frozen:
    return tuple(
        (name, tuple((k, tuple(shares)) for k, shares in values.items() if only in ("", k)))
        for name, values in found.items()
    )


@lru_cache(maxsize=64)
def _told(kind: str, frozen: Frozen) -> str:
    """The chosen kind's accuracies as Markdown, and why they are as they are."""
    found = {name: dict(values).get(kind, ()) for name, values in frozen}
    known = {name: shares for name, shares in found.items() if shares}
    parts = [WHY[kind]]
    if known:
        parts.insert(0, holding.furthest_apart(kind, known))
        if kind != "moved":
            way = WAYS[kind]
            parts.insert(0, plots.curves(LEVELS[kind], found, way.axis, way.rest))
    return "\n\n".join(parts)


@lru_cache(maxsize=32)
def _summary(frozen: Frozen) -> str:
    """Who holds best at what, over all kinds, as Markdown; empty where nothing was measured."""
    found = {name: dict(values) for name, values in frozen}
    known = {name: values for name, values in found.items() if values}
    if not known:
        return ""
    means = holding.means(known)
    return "\n\n".join(
        [
            "## Who holds best at what?",
            f"{holding.verdict(means)} {holding.widest_gap(known)}",
            holding.table(means, list(found)),
            "In bold stands the best, and whoever is less than a percentage point behind; a dash "
            "says that it was not measured. No network was trained on any changed digit.",
        ]
    )


def _maps(known: Mapping[str, Sequence[float]]) -> None:
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
        alt="Percent read right, up and down by rows, sideways by columns. "
        + holding.furthest_apart("moved", known),
        height=0.35 if len(known) > 2 else 0.6,  # small cells go without numbers
        columns=3,
        linked=True,
        places=[holding.level_in_words("moved", level) for level in levels],
    )


@lru_cache(maxsize=256)
def _changed(kind: str, image: bytes) -> list[Map]:
    """A digit at some of the levels, ``image`` its pixels."""
    levels = LEVELS[kind]
    places = np.linspace(0, len(levels) - 1, SHOWN).round().astype(int)
    picture = ink(np.frombuffer(image, np.uint8).reshape(1, SIDE, SIDE))
    return [
        Map(
            WAYS[kind].apply(picture, levels[at])[0],
            holding.level_in_short(kind, levels[at]),
            low=0,
            high=1,
            numbers=False,
        )
        for at in places
    ]


def _strip(kind: str, digit: digits.Digit) -> None:
    """What the digit in hand looks like at some of the levels."""
    explorer.gallery(
        _changed(kind, digit.image.tobytes()),
        key="comparison_strip",
        alt=f"{digit.title}: {WAYS[kind].name.lower()}, {WAYS[kind].axis}.",
        height=340,
        columns=3,
        legend=False,
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
