"""The nine pages of the lesson, in the order in which they are taught, and those beside them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st


@dataclass(frozen=True)
class LessonPage:
    """One page: its address, its file beside the router, and what it is about."""

    slug: str
    file: str
    title: str
    question: str


PAGES = (
    LessonPage(
        "overview",
        "pages/lesson_0_overview.py",
        "Overview",
        "What can a convolutional network do that an ordinary one cannot?",
    ),
    LessonPage(
        "data-preparation",
        "pages/lesson_1_data_preparation.py",
        "Data preparation",
        "How does a picture of a digit become numbers that a network can learn from?",
    ),
    LessonPage(
        "feedforward",
        "pages/lesson_2_feedforward.py",
        "Feedforward network",
        "How well does a network read digits if it does not know which pixels are neighbours?",
    ),
    LessonPage(
        "convolution",
        "pages/lesson_3_convolution.py",
        "Convolution",
        "What does a filter see when it slides over a picture?",
    ),
    LessonPage(
        "padding",
        "pages/lesson_4_padding.py",
        "Padding",
        "What happens at the edge of the picture?",
    ),
    LessonPage(
        "pooling",
        "pages/lesson_5_pooling.py",
        "Pooling",
        "What is lost, and what is won, when a picture is made smaller?",
    ),
    LessonPage(
        "inside-a-cnn",
        "pages/lesson_6_inside_a_cnn.py",
        "Inside a CNN",
        "What does each layer of a trained network make of a digit?",
    ),
    LessonPage(
        "comparison",
        "pages/lesson_7_comparison.py",
        "Comparison",
        "Which network is better, and at what price?",
    ),
    LessonPage(
        "beyond-images",
        "pages/lesson_8_beyond_images.py",
        "Beyond images",
        "Where else does it help to look at neighbours first?",
    ),
)

# What stands beside the lesson. Only the first is in the sidebar's list; links lead to the others.
YOUR_LESSON = LessonPage(
    "your-lesson",
    "pages/lesson_9_your_lesson.py",
    "Your lesson",
    "What have you predicted, trained and found out?",
)
GLOSSARY = LessonPage("glossary", "pages/extra_glossary.py", "Glossary", "What do the words mean?")
NOTES = LessonPage(
    "notes", "pages/extra_notes.py", "Speaker's notes", "What to ask, and what a class will say"
)
OTHERS = (YOUR_LESSON, GLOSSARY, NOTES)

# Session state: the page that is run, and the last one that ran to its end.
_ASKED, _SHOWN = "_page_asked", "_page_shown"

# Streamlit makes each value that the server writes into the address a step of the browser's history
# of its own: up to three a page, that a reader would have to go back through. Another address of
# the same page takes the place of the one before; what is opened on a page makes its own step.
ONE_STEP_A_PAGE = """<script>
history.pushState = (state, title, address) => {
  const same = new URL(address, location.href).pathname === location.pathname;
  History.prototype[same ? "replaceState" : "pushState"].call(history, state, title, address);
};
</script>"""

# Whether the router has run in this process.
_announced = False

_POSITIONS = {page.slug: position for position, page in enumerate(PAGES)}
_BY_SLUG = {page.slug: page for page in (*PAGES, *OTHERS)}


def page(slug: str) -> LessonPage:
    """The page at an address.

    >>> page("padding").title
    'Padding'
    """
    return _BY_SLUG[slug]


def neighbours(slug: str) -> tuple[LessonPage | None, LessonPage | None]:
    """The pages before and after one of the lesson; ``None`` at either end.

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

    Beside a folder ``pages``, Streamlit answers the first request after a start in its old way:
    it looks for the address among the names of the files, and says "Page not found" over the
    page that the router then shows. From the second request on it leaves all to the router,
    so that one reader's browser is asked to load the address again. The old way would also
    open a sidebar with the names of the files, before the page's width for it is known: the
    configuration hides that one, and the option is set here for the router's own.
    """
    global _announced
    st.set_option("client.showSidebarNavigation", True)
    first, _announced = not _announced, True
    # In one list: with headings between them, Streamlit's list is none to a screen reader.
    found = st.navigation(
        [
            st.Page(
                entry.file,
                title=entry.title,
                url_path=entry.slug,
                default=entry is PAGES[0],
                visibility="hidden" if entry in (GLOSSARY, NOTES) else "visible",
            )
            for entry in (*PAGES, *OTHERS)
        ],
        expanded=True,
    )
    if first and urlsplit(st.context.url or "").path.strip("/"):
        st.html("<script>location.reload()</script>", unsafe_allow_javascript=True)
        st.stop()
    if st.session_state.get(_ASKED) != found.url_path:
        st.session_state.pop(_SHOWN, None)  # also where that page's run was cut short
    st.session_state[_ASKED] = found.url_path
    return found


def shown(scripts: str = "") -> None:
    """Say that the page asked for is on the screen as a whole.

    The script, and others that every page has, come behind the page, in one element, where one
    without a picture takes no room.
    """
    st.html(ONE_STEP_A_PAGE + scripts, unsafe_allow_javascript=True)
    st.session_state[_SHOWN] = st.session_state[_ASKED]


def stayed() -> bool:
    """Whether the page that is run is the one on the screen already."""
    state = st.session_state
    return bool(state.get(_ASKED) == state.get(_SHOWN))


def require_router() -> None:
    """Send a reader to the router who got a page's file without it.

    The old way again: a file's own name as the first address after a start runs that file alone.
    """
    if not _announced:
        st.switch_page("streamlit_app.py")
