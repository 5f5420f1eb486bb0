"""What a reader has done, kept in the reader's browser: it outlives reloads, and needs no account.

The session holds the progress while it lasts. What is kept is read from the browser once, when the
session begins, and written whenever something was done. Another tab's news are taken in as they
come; clearing clears all tabs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import streamlit as st
from streamlit.runtime import Runtime

from lesson import progress
from lesson.progress import Progress
from lesson.ui.lean import lean

KEY = "kept_progress"
# An answer that is not committed to yet, the last check of a task, the settings before a reveal.
_FIELD = re.compile(r"question_\w+_\d+|_task_found|_question_before")
_PROGRESS = "_progress"
_WRITTEN = "_progress_written"  # how often something was done that the browser has to keep
_HEARD = "_progress_heard"  # whether the browser has told what it kept
_SENT = "_progress_sent"  # how much of that the page has sent to the browser

SCRIPT = """
const NAME = "cnn-classroom";
export default function ({ data, parentElement, setTriggerValue }) {
// A browser that keeps nothing, as in some private windows, has nothing to tell.
const store = (act) => { try { return act(localStorage); } catch { return null; } };
const mine = (globalThis.cnnClassroomKept ??= {});
mine.tell = (text) => {
mine.text = text;
mine.told = performance.now();
setTriggerValue("found", text);
};
if (!mine.listens) {
mine.listens = true;
addEventListener("storage", ({ key, newValue }) => {
if (key === NAME) mine.tell(newValue ?? "");
});
}
if (mine.session !== data.session) {
Object.assign(mine, { session: data.session, text: null, stamp: 0 });
}
const kept = store((local) => local.getItem(NAME));
const due = data.written > mine.stamp;
if (due && !data.text) {
mine.stamp = data.written;
mine.text = null;
store((local) => local.removeItem(NAME));
} else if (kept && kept !== mine.text) {
// What this session does not know must not be written over: it is told first.
mine.tell(kept);
} else if (kept && !data.heard && !mine.stamp) {
// Nobody has heard it yet.
if (performance.now() - mine.told > 2000) mine.tell(kept);
} else if (due) {
mine.stamp = data.written;
mine.text = data.text;
store((local) => local.setItem(NAME, data.text));
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
    _empty()


def due() -> bool:
    """Whether something was done that the browser does not have yet: a matter of the whole page."""
    state = st.session_state
    return bool(state.get(_WRITTEN, 0) != state.get(_SENT, 0))


def mount(reader: str) -> None:
    """The element that reads and writes what is kept; once on a page, outside of any fragment.

    What the browser tells as soon as it has the element would otherwise run a fragment at the top
    of the page before the rest is sent, and Streamlit then sends that top after what follows it.

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
    state[_SENT] = written


def _take() -> None:
    """What the browser keeps has come, at the beginning or from another tab."""
    found = getattr(st.session_state[KEY], "found", None)
    state = st.session_state
    # Cleared in another tab is cleared here; at the beginning there is nothing to clear.
    state[_PROGRESS] = so_far().met(progress.read(found)) if found else Progress()
    state[_HEARD] = True
    if not found:
        _empty()


def _empty() -> None:
    """Take away what stands in the fields of questions and tasks."""
    state = st.session_state
    for key in [key for key in state if _FIELD.fullmatch(str(key))]:
        del state[key]


@lru_cache(maxsize=4)
def _component(runtime: Runtime | None) -> Callable[..., Any]:
    """The component, registered once on a server (each AppTest is a server of its own)."""
    return st.components.v2.component("cnn_classroom_kept", js=lean(SCRIPT))
