"""What every page has around its lesson: title, way on, Keras lines, questions, errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from lesson.errors import LessonError
from lesson.ui.navigation import neighbours, page, require_router

# A projector has few lines: give them to the lesson instead of to margins.
MARGINS = "<style>[data-testid='stMainBlockContainer'] { padding: 2.5rem 2.5rem 3rem; }</style>"


def header(slug: str) -> None:
    """The page's title, and the question that it answers."""
    require_router()
    entry = page(slug)
    st.title(entry.title, anchor=False)
    # With the question, not by itself: an element of its own would leave a gap.
    st.markdown(f"{MARGINS}\n\n**{entry.question}**", unsafe_allow_html=True)


def footer(slug: str) -> None:
    """Links to the pages before and after this one."""
    before, after = neighbours(slug)
    st.divider()
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if before:
            st.page_link(
                before.file, label=f"Previous: {before.title}", icon=":material/arrow_back:"
            )
        if after:
            st.page_link(after.file, label=f"Next: {after.title}", icon=":material/arrow_forward:")


def keras_lines(code: str) -> None:
    """The Keras lines that do what the controls are set to."""
    st.caption("The same in Keras")
    st.code(code, language="python", wrap_lines=True)


def question(prompt: str, answer: str) -> None:
    """A question of the lesson with its answer folded away."""
    with st.expander(prompt):
        st.markdown(answer)


@contextmanager
def guard() -> Iterator[None]:
    """Show an error that is meant for the reader as a sentence, and go on behind the block.

    Any other exception is a defect and passes, and so do Streamlit's own signals.
    """
    try:
        yield
    except LessonError as error:
        st.error(str(error))
