"""What the speaker may want to know of each page, to be read from a standing position."""

from __future__ import annotations

import streamlit as st

from lesson import notes
from lesson.ui import controls, frame, resources
from lesson.ui.navigation import neighbours, page

SLUG = "notes"
KEY = "notes_page"
TITLES = {slug: page(slug).title for slug in notes.PAGES}
LARGE = """<style>
.st-key-notes_text p, .st-key-notes_text li { font-size: 1.3rem; line-height: 1.5; }
.st-key-notes_text { max-width: 62rem; }
</style>"""


def go(slug: str) -> None:
    st.session_state[KEY] = slug


frame.header(SLUG, pictures=False)
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    slug = controls.select("Page", KEY, list(TITLES), "overview", TITLES.__getitem__, width=260)
    plan = controls.segmented("Plan", "notes_plan", notes.PLANS, 45, "{} minutes".format)
    before, after = neighbours(slug)
    for name, entry in (("Previous", before), ("Next", after)):
        label = f"{name}: {entry.title}" if entry else name
        go_there = (entry.slug,) if entry else ()
        st.button(label, f"notes_{name.lower()}", None, go, go_there, disabled=not entry)
begins, ends = notes.times(slug, plan)
st.markdown(
    f"## {TITLES[slug]}: minutes {begins} to {ends} of {plan}\n\n{notes.bar(slug, plan)}",
    unsafe_allow_html=True,
)
with st.container(key="notes_text"), frame.guard():
    text = notes.PAGES[slug](resources.store()).markdown
    st.markdown(f"{LARGE}\n\n{text}", unsafe_allow_html=True)
