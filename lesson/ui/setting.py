"""What a question or a design task sets on the page, and the way back to what the reader had."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lesson.questions.kinds import Settings

_BEFORE = "_setting_before"  # what was changed: as the reader had it, and what it was set to
_MOVED = "_setting_moved"  # whether the page has to follow


def put(settings: Settings) -> None:
    """Set controls of the page, by their keys, and remember what the reader had."""
    state = st.session_state
    before: dict[str, tuple[Any, Any]] = state.setdefault(_BEFORE, {})
    for key, value in settings.items():
        now = state.get(key)
        if now == value:
            continue
        # What was set before, and the reader has not changed since, is not the reader's own.
        first, was_set = before.get(key, (now, now))
        before[key] = (first if now == was_set else now, value)
        state[key] = value
        state[_MOVED] = True


def stand(settings: Settings) -> bool:
    """Whether the controls are set so already."""
    return all(st.session_state.get(key) == value for key, value in settings.items())


def changed(settings: Settings) -> dict[str, Any]:
    """Those of these settings that were put and still stand so, as the reader had them."""
    state = st.session_state
    before: dict[str, tuple[Any, Any]] = state.get(_BEFORE, {})
    return {
        key: before[key][0]
        for key in settings
        if key in before and state.get(key) == before[key][1] != before[key][0]
    }


def back(settings: Settings) -> None:
    """Set what was put back to what the reader had."""
    state = st.session_state
    for key, value in changed(settings).items():
        if value is None:
            del state[key]  # the control was not there, and begins with its default
        else:
            state[key] = value
        del state[_BEFORE][key]
    state[_MOVED] = True


def moved() -> bool:
    """Whether the page has to follow what was set; asked once."""
    return bool(st.session_state.pop(_MOVED, False))
