"""The router of the CNN classroom: set the page up, find the one asked for, run it."""

from __future__ import annotations

import sys

import streamlit as st

from lesson.ui import frame, links, presenter, resources
from lesson.ui.navigation import navigation, shown

st.set_page_config(
    page_title="CNN classroom",
    # Streamlit loads NumPy and PIL to look at an icon; the first reader need not wait for them.
    page_icon=frame.icon() if "PIL.Image" in sys.modules else None,
    layout="wide",
    initial_sidebar_state=260,
)
current = navigation()
with frame.guard():
    current.run()
links.say()
with presenter.tools():
    links.tool()
    presenter.switch()
shown(presenter.script())
resources.prepare()
