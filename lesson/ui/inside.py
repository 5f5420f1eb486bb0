"""Looking inside a trained network: all of its layers, one unit, and one weight changed.

Which unit is open stands in the controls ``cnn_layer`` and ``cnn_unit``; without one the whole
network is shown. What the reader changed is kept for the session, each run's by its digest, and
goes into a copy of the weights, since the run itself is shared by all readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lesson import inside, units
from lesson.convolution import Window
from lesson.layers import Conv2D, Dense, shape_text
from lesson.network import Float32
from lesson.results import Run
from lesson.specs import LedgerRow
from lesson.ui import controls, digits, explorer, frame, links, resources
from lesson.ui.digits import Digit
from lesson.ui.weighing import weighing

LAYER, UNIT = "cnn_layer", "cnn_unit"
ALL = "all"
OVERVIEW, SLIDE = "cnn_network", "cnn_slide"
EDITS = "_cnn_edits"
TRY = (
    "**Try this:** take the next digit with the same label, in the sidebar. Which layers change "
    "with every stroke, and which hardly change at all?"
)
MOST_EDITS = 100  # of a run; undo and restore make room


def look(run: Run, digit: Digit, bar: DeltaGenerator) -> None:
    """The overview of a run's network or the unit that is open, with its controls in ``bar``."""
    with bar:
        row, unit = _choose(run)
    if not all(np.isfinite(each).all() for each in run.weights or ()):
        st.warning(
            "The weights of this network are not numbers any more: its training went astray. "
            "Train it again with a smaller learning rate."
        )
        return
    network, edits = run.spec.network, kept(run)
    weights = units.edited(network, run.weights or (), edits)
    activations = resources.activations(run, digit.image, weights)
    sums = inside.logits(network, weights, activations)[0]
    verdict = inside.verdict(inside.softmax_steps(sums)[0], digit.label)
    if edits:
        _changed(run, digit, sums)
    place = network.ledger.index(row)
    said = f"**{row.name}**: {shape_text(row.input_shape)} → {shape_text(row.output_shape)}. "
    said += inside.says(row, activations[place], activations[place + 1])
    if unit is None:
        explorer.network(
            network,
            activations,
            key=OVERVIEW,
            alt=f"The digit and what each layer makes of it. {verdict.replace('**', '')}",
            on_chosen=partial(_open, run),
        )
        frame.prose(f"{verdict}\n\n{said}\n\n{TRY}", alone=True)
        return
    if isinstance(row.layer, Dense):
        weighing(network, weights, activations, place, unit, partial(_edit, run, place, unit))
    else:
        _sliding(run, weights, activations, place, unit)
    frame.prose(f"{verdict}\n\n{said}", alone=True)


# Which unit is open


def _choose(run: Run) -> tuple[LedgerRow, int | None]:
    """The layer in hand, and its unit from 0, or ``None`` if none is open."""
    rows = {row.name: row for row in run.spec.network.ledger}
    hidden: dict[str, Any] = {"label_visibility": "collapsed"}
    name = controls.select("Layer", LAYER, list(rows), next(iter(rows)), width=190, **hidden)
    names = units.names(rows[name])
    unit_list = partial(controls.select, "Unit", UNIT, [ALL, *names], ALL, width=86, **hidden)
    with controls.aside(shown=False):
        chosen = unit_list()
    if chosen == ALL:  # in the overview one clicks on what one wants to open
        digits.following()
        return rows[name], None
    with controls.aside(shown=True):
        unit_list()
    unit = names.index(chosen)
    back, on = names[unit - 1], names[(unit + 1) % len(names)]
    st.button("All layers", "cnn_all", on_click=_go, args=(name, ALL))
    st.button("‹", "cnn_previous", "The unit before", _go, args=(name, back))
    st.button("›", "cnn_next", "The next unit", _go, args=(name, on))
    return rows[name], unit


def _go(layer: str, unit: str) -> None:
    if not links.refuses(LAYER, UNIT):
        st.session_state.update({LAYER: layer, UNIT: unit})


def _open(run: Run) -> None:
    """Open what was clicked in the overview; what the browser sends is looked up, not trusted."""
    layer, _, unit = str(st.session_state[OVERVIEW].chosen).partition("/")
    rows = {row.name: row for row in run.spec.network.ledger}
    if layer in rows and unit in units.names(rows[layer]):
        _go(layer, unit)


# A filter or a pooling window


def _sliding(
    run: Run,
    weights: Sequence[Float32],
    activations: Sequence[Float32],
    place: int,
    unit: int,
) -> None:
    network = run.spec.network
    row = network.ledger[place]
    learns = isinstance(row.layer, Conv2D)
    slide = units.slide(network, weights, activations, place, unit)
    channel = units.strongest(slide) if learns else unit
    way = units.trace(network, weights, activations, place - 1, channel)
    called = units.called(row, unit)
    before = activations[place]
    explorer.sliding(
        slide,
        key=SLIDE,
        alt=f"How {called} of {row.name} comes about, place by place.",
        titles=(
            _name(run, place, None if learns else unit),
            f"kernel of {called}" if learns else "window",
            f"{row.name}, {called}",
        ),
        scale="diverging",
        high=float(before.max()) or None,
        layer_high=float(activations[place + 1].max()),
        before=[
            explorer.Before(
                _name(run, at, channel),
                activations[at][0, ..., channel],
                Window(*network.layers[at].window),  # type: ignore[attr-defined]
            )
            for at, channel in way
        ],
        channel=channel if learns else 0,
        on_edit=partial(_edit_in_place, run, place, unit) if learns else None,
    )


def _name(run: Run, place: int, channel: int | None) -> str:
    """What an activation is called: the digit, a layer, or one of its maps."""
    if place == 0:
        return "digit"
    row = run.spec.network.ledger[place - 1]
    return row.name if channel is None else f"{row.name}, {units.called(row, channel)}"


# Changed weights


def kept(run: Run) -> list[units.Edit]:
    """What this reader changed in a run, the last one last."""
    every: dict[str, list[units.Edit]] = st.session_state.setdefault(EDITS, {})
    return every.get(run.digest, [])


def _edit_in_place(run: Run, place: int, unit: int) -> None:
    _edit(run, place, unit, st.session_state[SLIDE].edit)


def _edit(run: Run, place: int, unit: int, asked: Any) -> None:
    """Take a change over, if there is such a weight and it may have that value."""
    edit = units.read_edit(run.spec.network, place, unit, asked)
    if edit is None:
        st.toast(
            f"A weight is a number from −{units.LARGEST_WEIGHT:g} to {units.LARGEST_WEIGHT:g}."
        )
    elif len(kept(run)) >= MOST_EDITS:
        st.toast(f"{MOST_EDITS} changes are the most. Restore the weights to go on.")
    else:
        _keep(run, [*kept(run), edit])


def _keep(run: Run, edits: list[units.Edit]) -> None:
    st.session_state[EDITS] = {**st.session_state[EDITS], run.digest: edits}


def _changed(run: Run, digit: Digit, sums: Float32) -> None:
    """What the changes do to the answer, and the ways back."""
    edits = kept(run)
    own = resources.activations(run, digit.image)
    before = inside.softmax_steps(inside.logits(run.spec.network, run.weights or (), own)[0])[0]
    after = inside.softmax_steps(sums)
    count = len({edit[:3] for edit in edits})
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(inside.change(count, before, after), width="content")
        st.button("Undo the last", "cnn_undo", on_click=_keep, args=(run, edits[:-1]))
        st.button("Restore", "cnn_restore", on_click=_keep, args=(run, []))
