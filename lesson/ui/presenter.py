"""Presenter mode: the lesson on a stage, larger and without its sidebar, led by a few keys.

One switch turns it on, in the sidebar, by the key S, or by the address (``?present=true``). What a
page looks like then is ``presenter.css``; the keys are those of ``presenter.js``, which goes to the
browser with a script that is there anyway. Charts ask for their size, questions whether to hide
their answers: :func:`on`.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lesson.ui import controls
from lesson.ui.lean import lean

KEY = "present"
# How many times larger than elsewhere Plotly draws its type and its lines.
SCALE = 1.5
# What the list of keys says: those of this mode, and those of the picture that has the focus.
STAGE_KEYS = (
    ("S", "presenter mode on and off"),
    ("Page Down, Page Up", "next and previous page; → and ← too, where nothing else takes them"),
    ("Q", "next question"),
    ("A", "show the answer"),
    ("L", "a spot that follows the pointer; L or Escape ends it"),
    ("F", "full screen on and off"),
    ("?", "this list"),
)
PICTURE_KEYS = (
    ("arrows", "move the window, on the input a pixel, on the kernel a weight, or from map to map"),
    ("Space", "plays to the next stop, pauses"),
    ("N, P", "next and previous stop"),
    ("Home, End", "first and last window"),
    ("Enter", "edits a weight, opens a unit"),
    ("Escape", "lets go and shows the whole result"),
    ("+, −", "zoom"),
)
_HERE = Path(__file__).parent


def on() -> bool:
    """Whether the page is presented: answers are hidden until the instructor's key."""
    if KEY in st.session_state:
        return bool(st.session_state[KEY])
    return st.query_params.get(KEY, "").lower() == "true"


def tools() -> DeltaGenerator:
    """The row at the bottom of the sidebar, for what concerns the lesson as a whole."""
    return st.sidebar.container(horizontal=True, key="lesson_tools")


def switch() -> None:
    """The switch; call it behind the page, once."""
    before = on()
    if controls.toggle("Present", KEY) != before:
        st.rerun()  # the browser's way back has moved it after the page was drawn


def style() -> str:
    """What presenter mode adds to a page's style sheet: nothing while it is off."""
    return _file("presenter.css") if on() else ""


@lru_cache(maxsize=1)
def script() -> str:
    """The keys as HTML, the same on every page: the browser installs them once."""
    lists = {"On stage": STAGE_KEYS, "In a picture that has the focus": PICTURE_KEYS}
    return f"<script>\n(({_file('presenter.js')})({json.dumps(lists)}));\n</script>"


@lru_cache(maxsize=2)
def _file(name: str) -> str:
    return lean((_HERE / name).read_text("utf-8"))
