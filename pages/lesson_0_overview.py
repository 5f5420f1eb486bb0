"""What one can do after the lesson, its result in one picture, and where to start."""

from __future__ import annotations

import streamlit as st

from lesson import diagrams, outcome
from lesson.progress import Standing
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import frame, keeping, links, presenter, resources
from lesson.ui.navigation import YOUR_LESSON, page

SLUG = "overview"
STARTS = {
    "data-preparation": "From the beginning: nine short pages, each of which answers one question",
    "convolution": "You know Dense layers: see what one filter makes of one digit",
    "comparison": "You want the numbers: the three networks of the picture, side by side",
}

# What the last column shows; only the answer to a question changes it.
change = st.session_state.setdefault("overview_change", outcome.CHANGE)
frame.header(SLUG, pictures=False)

results = outcome.results(resources.store())
missing = [name for name in NOTEBOOK_RUNS if name not in {row.name for row in results}]

if results:
    shown = outcome.results(resources.store(), change)
    rows = [(row.name, row.accuracy, row.parameters, row.moved) for row in shown]
    st.markdown(diagrams.results(rows, changed=outcome.in_short(change)), unsafe_allow_html=True)
    frame.prose(f"**{outcome.verdict(results)}**\n\n{outcome.reading(results)}")
if missing:
    st.info(
        f"The picture needs a trained run of {', '.join(missing)}, which is not in assets/runs. "
        "`python -m lesson.shipped --missing` trains what is missing."
    )

frame.heading("Where to start")
for slug, words in STARTS.items():
    st.page_link(page(slug).file, label=words, icon=":material/arrow_forward:")

frame.heading("What you will be able to do")
done = keeping.so_far().told if presenter.on() else keeping.so_far()
answered = any(attempt.tries for attempt in done.attempts.values())
far: dict[str, Standing] = {}
if answered:
    # The bank of all questions is loaded for those who have answered some.
    from lesson import summary

    far = summary.standings(done)
lines = []
for objective in outcome.OBJECTIVES:
    pages = ", ".join(page(slug).title for slug in objective.pages)
    so_far = far.get(objective.key)
    told = f" **{so_far.right} of {so_far.asked}** done" if so_far else ""
    lines.append(f"- **{objective.goal}** *{pages}*{told}")
st.markdown("\n".join(lines))
if answered:
    label = "Your lesson: all that you answered, to print, to save, or to clear"
    st.page_link(YOUR_LESSON.file, label=label, icon=":material/arrow_forward:")

with st.expander("What the picture shows, exactly"):
    frame.prose(
        f"Each network was trained by this program with the notebook's settings on the 60,000 "
        f"training digits of MNIST, and then asked about the 10,000 test digits that it had never "
        f"seen. In the last column each of these digits stands {outcome.MOVED} pixels further to "
        f"the right; what leaves the picture is lost. Nobody trained the networks on moved digits. "
        f"A *parameter* is one number that training sets: a weight or a bias. Trained with another "
        f"seed, each network comes out a little different; the Comparison page shows how much."
    )

if not links.hidden("code"):
    code = st.expander("These networks in Keras", key="overview_in_keras", on_change="rerun")
    if code.open:
        # Loaded when it is asked for: the first page need not wait for it.
        from lesson.ui import taking

        with code:
            taking.in_keras(NOTEBOOK_RUNS, SLUG)

frame.footer(SLUG)
