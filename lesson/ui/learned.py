"""What a network's first layer learned: after each epoch, played, and one unit as a film strip."""

from __future__ import annotations

import streamlit as st

from lesson import learned
from lesson.results import Run
from lesson.ui import controls, explorer, frame
from lesson.ui.experiment import Lab

PACE = 0.6  # seconds that a picture stands while it is played
PICTURES = 16  # of a training with more epochs not each is shown while it is played


def show(run: Run, lab: Lab) -> None:
    """The section; nothing for a run of which it was not kept. Call it outside of any fragment."""
    if run.learned is None:
        return
    row = next(row for row in run.spec.network.ledger if row.parameters)
    frame.heading(f"What the first layer, {row.name}, learned")
    if st.session_state.get(_of(lab)) not in (None, run.digest):
        st.session_state[lab.key("learned_epoch")] = run.spec.epochs
        st.session_state[_playing(lab)] = False
    st.session_state[_of(lab)] = run.digest
    polled = bool(st.session_state.get(_playing(lab)))
    st.fragment(_pictures, run_every=PACE if polled else None)(run, lab, polled)


def _of(lab: Lab) -> str:
    return f"_{lab.name}_learned_of"


def _playing(lab: Lab) -> str:
    return f"_{lab.name}_learned_playing"


def _pictures(run: Run, lab: Lab, polled: bool) -> None:
    """The units after an epoch, and one of them through all epochs.

    Args:
        run: one that keeps what it learned.
        lab: the page's.
        polled: whether this part of the page runs again by itself.
    """
    kept, key, last = run.learned, lab.key("learned_epoch"), run.spec.epochs
    assert kept is not None
    if polled and controls.alone():
        _go_on(lab, last)
    if bool(st.session_state.get(_playing(lab))) != polled:
        st.rerun(scope="app")
    button, slider, text = st.columns([1, 3, 5], vertical_alignment="center")
    label = "Stop" if polled else "Play"
    button.button(label, lab.key("learned_play"), None, _play, (lab, not polled), width="stretch")
    with slider:
        epoch = controls.slider("After epoch", key, 0, last, last)
    frame.prose(learned.said(kept, epoch), text, alone=True)
    weights, reach = learned.pictures(kept), learned.reach(kept)
    unit = min(st.session_state.get(_unit(lab), learned.restless(kept)), weights.shape[1] - 1)
    maps = [
        explorer.Map(
            picture, str(number + 1), scale="diverging", high=reach, numbers=False, choice=number
        )
        for number, picture in enumerate(weights[epoch])
    ]
    explorer.gallery(
        maps,
        key=lab.key("learned_units"),
        alt=f"The weights of the first {len(maps)} of the layer, after epoch {epoch}.",
        height=380,
        chosen=unit,
        on_chosen=lambda: _choose(lab, len(maps)),
    )
    strip = [
        explorer.Map(
            weights[moment, unit],
            f"epoch {moment}" if moment else "start",
            scale="diverging",
            high=reach,
            numbers=False,
        )
        for moment in learned.frames(len(weights))
    ]
    called = f"{'Filter' if kept.ndim == 5 else 'Unit'} {unit + 1}"
    st.markdown(f"{called} from epoch to epoch. Click on another to see how it came to be.")
    explorer.gallery(
        strip,
        key=lab.key("learned_strip"),
        alt=f"The weights of {called.lower()} at the start and after each epoch.",
        height=160,
        legend=False,
    )


def _unit(lab: Lab) -> str:
    return f"_{lab.name}_learned_unit"


def _choose(lab: Lab, units: int) -> None:
    """Take the unit that was clicked on; what the browser sends is looked at, not trusted."""
    chosen = st.session_state[lab.key("learned_units")].chosen
    if isinstance(chosen, int) and 0 <= chosen < units:
        st.session_state[_unit(lab)] = chosen


def _play(lab: Lab, on: bool) -> None:
    st.session_state[_playing(lab)] = on
    if on:
        st.session_state[lab.key("learned_epoch")] = 0


def _go_on(lab: Lab, last: int) -> None:
    """One picture further, or the end of the playing."""
    key = lab.key("learned_epoch")
    epoch = st.session_state.get(key, last)
    if epoch >= last:
        st.session_state[_playing(lab)] = False
    else:
        st.session_state[key] = min(last, epoch + max(1, last // PICTURES))
