"""Design tasks on a page: the card that says what to build, checks it, and says what is missing.

It stands where a question stands. What was found stays until the next check; what is done is kept
in the reader's browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import streamlit as st

from lesson.tasks.task import Checked, Situation, Task, Trained
from lesson.ui import keeping, resources, setting
from lesson.ui.navigation import page

CHECK, GO, BACK = "task_check", "task_go", "task_back"
_FOUND = "_task_found"  # the key of the task that was checked last, and what was found


def card(task: Task, label: str) -> None:
    """A task, how it stands, and what the last check of it has found.

    Args:
        task: the one that is open.
        label: what it is called on its page.
    """
    st.markdown(f"**{label}: {task.title}.** {task.prompt}")
    stands = task.stands(keeping.so_far().tasks.get(task.key, ""))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(task.button, CHECK, None, _check, (task,), type="primary")
        if task.link:
            entry = page(task.link)
            st.page_link(entry.file, label=entry.title, icon=":material/arrow_forward:")
        if stands.says:
            done = ":material/check: Done" if stands.done else "So far"
            st.markdown(f"{done}: {stands.says}", width="content")
    key, found = st.session_state.get(_FOUND, ("", None))
    if key == task.key and found:
        _says(task, found)


def _says(task: Task, found: Checked) -> None:
    """What a check has found, with a hint and a way on where it is not done."""
    if found.done:
        st.markdown(f":material/check: **Done.** {found.says}")
        return
    # What a check keeps has brought the task on, though it is not done yet.
    icon = "" if found.keep else ":material/close: "
    st.markdown(f"{icon}{found.says}\n\n*Hint:* {task.hint}")
    with st.container(horizontal=True, gap="small"):
        if not setting.stand(found.show):
            st.button(found.label, GO, None, setting.put, (found.show,))
        if setting.changed(found.show):
            st.button("Back to my settings", BACK, None, setting.back, (found.show,))


def situation(task: Task) -> Situation:
    """What a task is checked against, now: the page's settings and the reader's finished runs."""
    progress = keeping.so_far()
    settings = cast(Mapping[str, Any], st.session_state)
    kept = progress.tasks.get(task.key, "")
    if not task.lab:
        return Situation(settings, kept=kept)
    # Loaded here: the first page, which has no task, need not wait for it.
    from lesson.ui import experiment

    spec, store = experiment.in_hand(task.lab), resources.store()
    finished = {summary.spec.digest: summary for summary in store.summaries()}
    # That of the settings comes last, also where somebody else has trained it.
    asked = [*progress.runs, *([spec.digest] if spec else [])]
    own = [digest for digest in dict.fromkeys(reversed(asked)) if digest in finished][::-1]
    runs = [Trained(finished[digest], store.robustness(digest)) for digest in own]
    return Situation(settings, spec, runs, kept)


def _check(task: Task) -> None:
    found = task.check(situation(task))
    st.session_state[_FOUND] = task.key, found
    if found.keep:
        keeping.keep(keeping.so_far().with_task(task.key, found.keep))
