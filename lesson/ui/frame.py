"""What every page has around its lesson: title, way on, Keras lines, questions, errors."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import quote

import streamlit as st

from lesson import ASSETS, glossary
from lesson.errors import LessonError
from lesson.ui import keeping, links, presenter, questions, resources
from lesson.ui.navigation import GLOSSARY, NOTES, YOUR_LESSON, neighbours, page, require_router


@cache
def icon() -> str | None:
    """The page's icon, a filter over four pixels, or ``None`` if its file cannot be read.

    It is its own address: a named icon would be fetched from the network. Nor is it an SVG: the
    browser paints that anew whenever a control changes the page's address.
    """
    try:
        return f"data:image/png;base64,{b64encode((ASSETS / 'icon.png').read_bytes()).decode()}"
    except OSError:
        return None


# A projector has few lines: give them to the lesson instead of to margins and to an empty bar, of
# which only the menu at its right end is needed; in the sidebar the list of pages makes room for
# the digit. The explorer's script is an element without a picture. Captions and choices can be
# read by all.
#
# Each element costs the browser about a millisecond at each move of any control, wherever it
# stands: so what every page has around its lesson is made of few. Nor does one fade while it waits
# for a run: a picture follows before anyone could see it, and each fading is a layer of its own.
STYLE = """<style>
[data-testid='stMainBlockContainer'] { padding: 0.6rem 2.5rem 3rem; }
[data-testid='stHeader'] { background: none; }
[data-testid='stHeader'], [data-testid='stHeader'] * { pointer-events: none; }
[data-testid='stHeader'] button, [data-testid='stHeader'] button * { pointer-events: auto; }
[data-testid='stSidebarHeader'] { height: 1.8rem; margin: 0; }
[data-testid='stSidebarNavLink'] { height: 1.4rem; margin: 0.05rem 0; }
[data-testid='stSidebarNavItems'] li { margin: 0; }
[data-testid='stSidebarUserContent'] { padding-top: 0.7rem; }
[data-testid='stSidebarUserContent'] [data-testid='stVerticalBlock'] { gap: 0.6rem; }
.st-key-digit_source button { padding: 0.25rem 0.55rem; }
.st-key-lesson_tools { gap: 0.4rem; }
.st-key-lesson_tools button { min-height: 1.9rem; padding: 0.1rem 0.6rem; }
.st-key-explorer_code { display: none; }
.st-key-comparison_changes > * { max-width: 15rem; }
[data-testid='stElementContainer'][data-stale] { opacity: 1; transition: none; }
[data-testid='stCaptionContainer'] { color: inherit; opacity: 0.85; }
[data-testid='stButtonGroup'] [data-selected='true'] p { color: light-dark(#0d3f7d, #ffffff); }
.token.number, .token.boolean { color: light-dark(#04655a, #62d9ca) !important; }
.token.string { color: light-dark(#8a3c00, #ffb37a) !important; }
.token.keyword { color: light-dark(#1a4fa0, #8ab8ff) !important; }
.token.comment { color: light-dark(#555d69, #aab3c0) !important; }
.token.operator, .token.punctuation { color: inherit !important; }
[data-testid='stHeaderActionElements'] { display: none; }
[data-testid='stPageLink'] p { font-size: 1rem; }
[data-testid='stWidgetLabel'][disabled] p, [data-testid='stSliderThumbValue'][disabled] p,
label:has(input:disabled) p, input:disabled { color: light-dark(#1b1f24, #eef1f5) !important; }
input:disabled { -webkit-text-fill-color: light-dark(#1b1f24, #eef1f5) !important; }
.lesson-head { display: flex; flex-wrap: wrap; align-items: center; gap: 0 2rem; }
.st-key-lesson_head { gap: 0.2rem 2rem; justify-content: space-between; }
.st-key-lesson_head [data-testid='stElementContainer']:first-child { flex: 1 1 20rem; }
.st-key-lesson_head [data-testid='stButtonGroup'] { display: flex; align-items: center; }
.st-key-lesson_head [data-testid='stButtonGroup'] { gap: 0.6rem; }
.st-key-lesson_head [data-testid='stWidgetLabel'] { margin: 0; min-height: 0; white-space: nowrap; }
.st-key-lesson_head [data-testid='stButtonGroup'] button { padding: 0.25rem 0.7rem; }
.lesson-head h1 { padding: 0; }
.lesson-side { display: grid; grid-template-columns: repeat(var(--places), minmax(0, 1fr)); }
.lesson-side { gap: 0 1.5rem; align-items: start; }
@media (max-width: 640px) { .lesson-side { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 640px) {
  [data-testid='stMainBlockContainer'] { padding: 0.6rem 1.2rem 3rem; }
  .lesson-head { padding-bottom: 1rem; }
  .lesson-head h1 { padding-left: 2rem; font-size: 2rem; }
  [data-testid='stPageLink'] p { white-space: normal; }
  [data-testid='stMarkdownContainer']:has(table, svg[viewBox^='0 0 1200 ']) { overflow-x: auto; }
  [data-testid='stMarkdownContainer'] :is(td, th) { padding: 0.3rem 0.4rem; font-size: 0.85rem; }
  svg[viewBox^='0 0 1200 '] { min-width: 40rem; }
}
@media print {
  [data-testid='stSidebar'], [data-testid='stHeader'], [data-testid='stToolbar'],
  .st-key-lesson_print, .st-key-lesson_footer, .stDownloadButton { display: none !important; }
  [data-testid='stMainBlockContainer'] { padding: 0; max-width: none; }
}
.st-key-lesson_footer { border-top: 1px solid #8884; padding-top: 1rem; }
.lesson-term { font-style: normal; text-decoration: underline dotted 1px; cursor: help; }
.lesson-term { text-underline-offset: 0.2em; anchor-name: --term; anchor-scope: --term; }
.lesson-term > span { display: none; position: absolute; left: 0; z-index: 1000; }
.lesson-term > span { width: max-content; max-width: min(24rem, 100%); padding: 0.5rem 0.8rem; }
.lesson-term > span { font-size: 1rem; font-weight: 400; line-height: 1.45; border-radius: 0.5rem; }
.lesson-term > span { background: light-dark(#14203a, #e8eefb); color: light-dark(#fff, #0b1220); }
.lesson-term:is(:hover, :focus) > span { display: block; }
.lesson-words { columns: 20rem; column-gap: 2.5rem; margin: 0; }
.lesson-words div { break-inside: avoid; padding-bottom: 0.9rem; }
.lesson-words dt { font-weight: 600; }
.lesson-words dd { margin: 0; line-height: 1.5; }
@supports (position-area: bottom) { .lesson-term > span { position: fixed; left: auto;
  position-anchor: --term; position-area: bottom; position-try-fallbacks: flip-block;
  max-width: min(24rem, 92vw); margin: 0 0.3rem; } }
</style>"""

# Session state: the terms that this run of the page has marked so far.
_MARKED = "_terms_marked"


def header(slug: str, pictures: bool = True) -> None:
    """The page's title, and the question that it answers.

    Args:
        slug: the page's address.
        pictures: whether the page draws with the explorer.
    """
    require_router()
    st.session_state[_MARKED] = frozenset()
    entry = page(slug)
    head = f"<h1>{entry.title}</h1><strong>{entry.question}</strong>"
    style = STYLE.replace("</style>", presenter.style() + "</style>")
    links.begin(slug)
    questions.head(slug, f"{style}<div class='lesson-head'>{head}</div>")
    links.room()
    keeping.mount(resources.reader())
    if pictures:
        # Loaded here, since NumPy comes with it, which the first page need not wait for.
        from lesson.ui import explorer

        explorer.prepare()


def prose(text: str, where: Any = st, alone: bool = False) -> None:
    """Markdown whose words show their meaning where a page first uses them.

    Args:
        text: the Markdown, which may hold HTML.
        where: the column or container that it stands in.
        alone: whether it stands in a fragment: then its marks do not depend on what stands above,
            which is not drawn again with it.
    """
    so_far: frozenset[str] = st.session_state.get(_MARKED, frozenset())
    before = frozenset() if alone else so_far
    room = max(0, min(glossary.AT_ONCE, glossary.A_PAGE - len(before)))
    shown, terms = glossary.marked(text, before, room)
    st.session_state[_MARKED] = so_far | terms
    where.markdown(shown, unsafe_allow_html=True)


def heading(text: str) -> None:
    """A heading within the page: Streamlit's own takes the browser five times as long."""
    st.markdown(f"## {text}")


def footer(slug: str) -> None:
    """Links to the pages before and after this one, to the glossary and to the speaker's notes.

    The last page leads to the reader's own. The notes open in a window of their own.
    """
    before, after = neighbours(slug)
    notes = f"notes?notes_page={quote(page(slug).title)}"
    aside = f"<a class='lesson-notes' href='{notes}' target='_blank'>{NOTES.title}</a>"
    after = after or YOUR_LESSON
    with st.container(horizontal=True, horizontal_alignment="distribute", key="lesson_footer"):
        if before:
            st.page_link(
                before.file, label=f"Previous: {before.title}", icon=":material/arrow_back:"
            )
        st.page_link(GLOSSARY.file, label=GLOSSARY.title, icon=":material/menu_book:")
        st.markdown(aside, unsafe_allow_html=True, width="content")
        if after:
            st.page_link(after.file, label=f"Next: {after.title}", icon=":material/arrow_forward:")


def keras_lines(code: str, script: Callable[[], str] | None = None, name: str = "") -> None:
    """The Keras lines that do what the controls are set to, unless a link hides them.

    Args:
        code: the lines, in short.
        script: makes the same as a script that runs by itself, once the reader asks for it.
            The browser hears of no error in it, so it must have none.
        name: of the script's file, without its ending.
    """
    if links.hidden("code"):
        return
    if script is None:
        st.caption("The same in Keras")
    else:
        # It stands in the place of the caption: one element as well.
        st.download_button(
            "The same in Keras: take the whole script",
            script,
            f"{name}.py",
            key=f"script_{name}",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
        )
    st.code(code, language="python", wrap_lines=True)


def side_by_side(*cells: str, places: int = 0) -> str:
    """Markdown that stands side by side within one element, which costs less than columns do.

    Args:
        cells: from left to right.
        places: how many there is room for, if more than there are cells.
    """
    inner = "\n".join(f"<div>\n\n{cell}\n\n</div>" for cell in cells)
    return f'<div class="lesson-side" style="--places: {places or len(cells)}">\n{inner}\n</div>'


@contextmanager
def guard() -> Iterator[None]:
    """Show an error that is meant for the reader as a sentence, and go on behind the block.

    Any other exception is a defect and passes, and so do Streamlit's own signals.
    """
    try:
        yield
    except LessonError as error:
        st.error(str(error))
