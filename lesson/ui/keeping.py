"""What a reader has done, kept in the reader's browser: it outlives reloads, and needs no account.

The session holds the progress while it lasts. What is kept is read from the browser once, when the
session begins, and written whenever something was done. Another tab's news are taken in as they
come; clearing clears all tabs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import streamlit as st
from streamlit.runtime import Runtime

from lesson import progress
from lesson.progress import Progress
from lesson.ui.lean import lean

KEY = "kept_progress"
_PROGRESS = "_progress"
_WRITTEN = "_progress_written"  # how often something was done that the browser has to keep
_HEARD = "_progress_heard"  # whether the browser has told what it kept
_NEWS = "_progress_news"  # whether the page has not shown yet what the browser told

SCRIPT = """
const NAME = "cnn-classroom";
export default function ({ data, parentElement, setTriggerValue }) {
// A browser that keeps nothing, as in some private windows, has nothing to tell.
const store = (act) => { try { return act(localStorage); } catch { return null; } };
const mine = (globalThis.cnnClassroomKept ??= {});
mine.tell = (text) => setTriggerValue("found", text);
if (!mine.listens) {
mine.listens = true;
addEventListener("storage", ({ key, newValue }) => {
if (key === NAME) mine.tell(newValue ?? "");
});
}
const kept = store((local) => local.getItem(NAME));
// A session that does not know yet what is kept must not write over it.
if (!data.heard && kept) {
if (mine.told !== data.session) {
mine.told = data.session;
mine.tell(kept);
}
return;
}
const stamp = `${data.session}/${data.written}`;
if (data.written && mine.stamp !== stamp) {
mine.stamp = stamp;
store((local) => data.text ? local.setItem(NAME, data.text) : local.removeItem(NAME));
}
}
"""


def so_far() -> Progress:
    """What the reader has done."""
    return st.session_state.get(_PROGRESS, Progress())


def hold(new: Progress) -> None:
    """Take note of what need not outlive the session, such as a question that was only read."""
    st.session_state[_PROGRESS] = new


def keep(new: Progress) -> None:
    """Take note of what the reader has done; the browser keeps it when the page is drawn."""
    st.session_state[_PROGRESS] = new
    st.session_state[_WRITTEN] = st.session_state.get(_WRITTEN, 0) + 1


def clear() -> None:
    """Forget all of it, in the browser too."""
    keep(Progress())
    st.session_state[_HEARD] = True


def mount(reader: str) -> None:
    """The element that reads and writes what is kept; once on a page.

    Args:
        reader: a name for this session.
    """
    state = st.session_state
    kept = so_far()
    written = state.get(_WRITTEN, 0)
    text = progress.write(kept) if written and kept != Progress() else ""
    data = {"session": reader, "heard": bool(state.get(_HEARD)), "written": written, "text": text}
    _component(Runtime.instance() if Runtime.exists() else None)(
        key=KEY, data=data, on_found_change=_take
    )
    if state.pop(_NEWS, False):
        st.rerun(scope="app")


def _take() -> None:
    """What the browser keeps has come, at the beginning or from another tab."""
    found = getattr(st.session_state[KEY], "found", None)
    state = st.session_state
    # Cleared in another tab is cleared here; at the beginning there is nothing to clear.
    state[_PROGRESS] = so_far().met(progress.read(found)) if found else Progress()
    state[_HEARD] = state[_NEWS] = True


@lru_cache(maxsize=4)
def _component(runtime: Runtime | None) -> Callable[..., Any]:
    """The component, registered once on a server (each AppTest is a server of its own)."""
    return st.components.v2.component("cnn_classroom_kept", js=lean(SCRIPT))
