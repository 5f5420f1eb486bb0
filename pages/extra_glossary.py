"""Every word of the lesson that has a meaning of its own, by the page on which it is met."""

from __future__ import annotations

import streamlit as st

from lesson import formulas, glossary
from lesson.questions.keras_line import code
from lesson.ui import controls, frame
from lesson.ui.navigation import PAGES

SLUG = "glossary"
FORMULAS = {
    "Output size, with padding of *p* pixels": formulas.OUTPUT_SIZE,
    "Output size, with `valid`": formulas.OUTPUT_SIZE_VALID,
    "Output size, with `same`": formulas.OUTPUT_SIZE_SAME,
}

frame.header(SLUG, pictures=False)
asked = controls.text(
    "Look for a word", "glossary_search", 40, placeholder="for example: stride", width=360
)
found = glossary.search(asked)
if not found:
    st.info(
        f"No word and no meaning contains {code(asked)}. Try a shorter part of it, or clear the "
        "field."
    )
for entry in PAGES:
    terms = [term for term in found if term.page == entry.slug]
    if not terms:
        continue
    st.page_link(entry.file, label=f"**{entry.title}**", icon=":material/arrow_forward:")
    st.markdown(glossary.listed(terms), unsafe_allow_html=True)

if found == list(glossary.TERMS):
    frame.heading("The formulas")
    for name, formula in FORMULAS.items():
        st.markdown(f"{name}: ${formula}$. {formulas.legend(formula)}.")
