"""The nine pages of the lesson, in the order in which they are taught."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class LessonPage:
    """One page: its address, its file beside the router, and what it is about."""

    slug: str
    file: str
    title: str
    question: str
    section: str


PAGES = (
    LessonPage(
        "overview",
        "pages/lesson_0_overview.py",
        "Overview",
        "What can a convolutional network do that an ordinary one cannot?",
        "Start",
    ),
    LessonPage(
        "data-preparation",
        "pages/lesson_1_data_preparation.py",
        "Data preparation",
        "How does a picture of a digit become numbers that a network can learn from?",
        "A first network",
    ),
    LessonPage(
        "feedforward",
        "pages/lesson_2_feedforward.py",
        "Feedforward network",
        "How well does a network read digits if it does not know which pixels are neighbours?",
        "A first network",
    ),
    LessonPage(
        "convolution",
        "pages/lesson_3_convolution.py",
        "Convolution",
        "What does a filter see when it slides over a picture?",
        "Inside the layers",
    ),
    LessonPage(
        "padding",
        "pages/lesson_4_padding.py",
        "Padding",
        "What happens at the edge of the picture?",
        "Inside the layers",
    ),
    LessonPage(
        "pooling",
        "pages/lesson_5_pooling.py",
        "Pooling",
        "What is lost, and what is won, when a picture is made smaller?",
        "Inside the layers",
    ),
    LessonPage(
        "inside-a-cnn",
        "pages/lesson_6_inside_a_cnn.py",
        "Inside a CNN",
        "What does each layer of a trained network make of a digit?",
        "Whole networks",
    ),
    LessonPage(
        "comparison",
        "pages/lesson_7_comparison.py",
        "Comparison",
        "Which network is better, and at what price?",
        "Whole networks",
    ),
    LessonPage(
        "beyond-images",
        "pages/lesson_8_beyond_images.py",
        "Beyond images",
        "Where else does it help to look at neighbours first?",
        "Whole networks",
    ),
)

_POSITIONS = {page.slug: position for position, page in enumerate(PAGES)}


def page(slug: str) -> LessonPage:
    """The page at an address.

    >>> page("padding").title
    'Padding'
    """
    return PAGES[_POSITIONS[slug]]


def neighbours(slug: str) -> tuple[LessonPage | None, LessonPage | None]:
    """The pages before and after this one; ``None`` at either end.

    >>> before, after = neighbours("convolution")
    >>> before.slug, after.slug
    ('feedforward', 'padding')
    >>> neighbours("overview")[0] is neighbours("beyond-images")[1] is None
    True
    """
    position = _POSITIONS[slug]
    before = PAGES[position - 1] if position else None
    after = PAGES[position + 1] if position + 1 < len(PAGES) else None
    return before, after


def navigation() -> st.Page:
    """Announce the pages to Streamlit and return the one that was asked for.

    The overview stands at ``/``. No address may equal the name that Streamlit infers from a
    page's file: a request for that name as the first one after a start would be answered in
    Streamlit's old way, without the router.
    """
    sections: dict[str, list[st.Page]] = {}
    for entry in PAGES:
        sections.setdefault(entry.section, []).append(
            st.Page(entry.file, title=entry.title, url_path=entry.slug, default=entry is PAGES[0])
        )
    return st.navigation(sections, expanded=True)
