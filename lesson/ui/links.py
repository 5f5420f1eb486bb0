"""Links that hide or fix controls: what a page does about the one in hand, and how one is made.

The link that a session was opened with holds on all pages, until the reader wants all controls
back: each page writes it into its address again. Presets and the reveals of questions set what
they need, hidden or fixed: that is the page's own doing. The reader's hand may not, neither on
a control nor in a picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lesson import links
from lesson.links import HIDE, LOCK, PARTS, Link, Made

STATE = "_links"
SHOW_ALL = "link_show_all"
TOOL, MAKE = "link_tool", "Link for the class"
PRESENT, QUESTION = "present", "_question"  # the control's key, and how the keys end
OWN_MACHINE = ("localhost", "127.0.0.1", "::1")
LINE = """<style>
.st-key-lesson_link button { min-height: 0; padding: 0; text-decoration: underline; }
</style>"""
# Streamlit's button for a folded sidebar is part of the header.
NO_SIDEBAR = """<style>
[data-testid='stSidebar'], [data-testid='stExpandSidebarButton'] { display: none; }
</style>"""
FINE_PRINT = """<style>
.st-key-link_ticks code { font-size: 0.8rem; }
</style>"""


@dataclass
class _Session:
    """What is known of a reader's session.

    Attributes:
        link: the one in hand.
        read: the last one that came with an address, also when it is no longer in hand.
        slug: the page that is run.
        made: that page's controls by their keys, in the order in which they were made.
        place: where the page says what the link does.
    """

    link: Link = links.NONE
    read: Link = links.NONE
    slug: str = ""
    made: dict[str, Made] = field(default_factory=dict)
    place: DeltaGenerator | None = None


def _session() -> _Session:
    known: _Session = st.session_state.setdefault(STATE, _Session())
    return known


def begin(slug: str) -> None:
    """Look at the address for a link, before the page makes its first control.

    Args:
        slug: the page's address.
    """
    session, params = _session(), st.query_params
    asked = links.read(params.get_all(HIDE), params.get_all(LOCK))
    # What the reader put away comes again with the browser's back button.
    if asked and asked != session.read:
        session.link = session.read = asked
    texts = session.link.texts()
    for name in (HIDE, LOCK):
        wanted = [texts[name]] if name in texts else []
        if params.get_all(name) != wanted:
            if wanted:
                params[name] = wanted
            else:
                del params[name]
    session.slug, session.made, session.place = slug, {}, None


def room() -> None:
    """Leave room for what the link does to the page, which is known once its controls are made."""
    session = _session()
    if session.link:
        session.place = st.container(key="lesson_link")
        session.place.html(LINE + (NO_SIDEBAR if hidden("sidebar") else ""))


def in_hand() -> Link:
    """The link that holds in this session; it hides and fixes nothing where there is none."""
    return _session().link


def note(key: str, label: str, texts: Sequence[str]) -> None:
    """Remember a control that the page made, with its value as an address has it."""
    _session().made[key] = Made(label, texts)


def hidden(part: str) -> bool:
    """Whether a part of the page, one of ``PARTS``, is hidden."""
    return part in in_hand().hide


def holds(key: str) -> bool:
    """Whether a control's value is not for the reader's hand to change."""
    link = in_hand()
    return link.hides(key) or link.locks(key)


def refuses(*keys: str) -> bool:
    """Whether a click would change what the link holds; the reader is told so."""
    held = [key for key in keys if holds(key)]
    if held:
        made = _session().made.get(held[0])
        st.toast(f"This link fixes {made.label if made else 'that'}.")
    return bool(held)


def say() -> None:
    """Say what the link does to the page; call it behind all controls."""
    session = _session()
    said = links.says(session.link, session.made)
    if session.place and said:
        with session.place, st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(said, width="content")
            st.button("Show all controls", SHOW_ALL, on_click=_show_all, type="tertiary")


def _show_all() -> None:
    _session().link = links.NONE


# How a link is made


def tool() -> None:
    """The button for a link; call it behind all controls."""
    if st.button(MAKE, TOOL):
        _ticks()


@st.dialog(MAKE, width="medium")
def _ticks() -> None:
    """The page's controls to tick, and the link with all their values."""
    session = _session()
    along = _along(session.made)
    own = {key: made for key, made in session.made.items() if not _goes_along(key)}
    names = links.choices(own)
    away = names | {part: words.removeprefix("the ") for part, words in PARTS.items()}
    with st.container(key="link_ticks", gap="small"):
        st.html(FINE_PRINT)
        place = st.container(gap="small")
        locked = [name for name in names if session.link.locks(name)]
        fixed = "Fixed: in sight, but not to be moved"
        lock = _pills(fixed, "fixed", names, locked) if names else []
        gone = [name for name in away if session.link.hides(name)]
        hide = _pills("Hidden", "hidden", away, gone)
        called = {key: "presenter mode" if key == PRESENT else "the open question" for key in along}
        taken = _pills("Opens with", "along", called, [])
    values = {key: made.texts for key, made in own.items()} | {key: along[key] for key in taken}
    page = st.context.url or ""
    with place:
        st.markdown("Whoever opens this link finds all settings of this page as they are now.")
        st.code(links.address(page, links.link(hide, lock), values), None, wrap_lines=True)
        if urlsplit(page).hostname in OWN_MACHINE:
            st.caption(
                "It leads to your own machine. For a class, open the lesson by your machine's "
                "address in the network, then copy the link."
            )


def _pills(label: str, name: str, options: Mapping[str, str], default: list[str]) -> list[str]:
    """Names to tick, by what they are called; each page has ticks of its own."""
    key = f"link_{name}_{_session().slug}"
    return st.pills(
        label,
        list(options),
        selection_mode="multi",
        default=default,
        format_func=lambda name: options.get(name, name),
        key=key,
        persist_state="session",
    )


def _along(made: dict[str, Made]) -> dict[str, Sequence[str]]:
    """What goes along only if it is wanted, by its key: presenter mode, and the open question."""
    opened = {key: each.texts for key, each in made.items() if key.endswith(QUESTION)}
    return {PRESENT: ["true"]} | {key: texts for key, texts in opened.items() if any(texts)}


def _goes_along(key: str) -> bool:
    return key == PRESENT or key.endswith(QUESTION)
