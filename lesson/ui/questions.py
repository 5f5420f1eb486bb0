"""Questions on a page: predict, commit, reveal, explain.

At the head of each page stand the numbers of its questions; one of them can be open, which stands
in the address too. A question keeps its numbers from the moment it is opened, for the session, and
for good once it is answered: nothing the reader does on the page changes what was asked. A
committed answer cannot be changed, only asked again with new numbers. The reveal sets the page's
own picture to the question's settings, and the reader's settings can be had back.

On a stage the answer stays hidden until the instructor asks for it.

Behind the numbers stand the page's design tasks (:mod:`lesson.ui.tasks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from lesson import tasks
from lesson.progress import Attempt
from lesson.questions import of_page
from lesson.questions.kinds import Answer, Asked, Blank, Cell, Choice, Number, Order
from lesson.questions.question import Question
from lesson.tasks.task import Task
from lesson.ui import controls, keeping, links, presenter, setting
from lesson.ui import tasks as design

CARD = "lesson_question"
COMMIT, REVEAL = "question_commit", "question_reveal"
AGAIN, BACK, NEXT, SEEN = "question_again", "question_back", "question_next", "question_seen"
HIDDEN: dict[str, Any] = {"label_visibility": "collapsed"}
_PROBLEM = "_question_problem"
_BESIDE = (0.36, 0.64)  # a picture and what is said beside it
SHORT = 16  # characters of answers that stand side by side


def key_of(slug: str) -> str:
    """The key of the control that opens one of a page's questions.

    >>> key_of("inside-a-cnn")
    'inside_a_cnn_question'
    """
    return f"{slug.replace('-', '_')}_question"


@st.fragment
def head(slug: str, title: str) -> None:
    """The page's title and its questions, and the one of them that is open.

    Args:
        slug: the page's address.
        title: in HTML.
    """
    hidden = links.hidden("questions")
    questions, built = ((), ()) if hidden else (of_page(slug), tasks.of_page(slug))
    names = _names(questions, built)
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_head"):
        st.markdown(f"{_ticks(slug, questions, built)}{title}", unsafe_allow_html=True)
        opened = _choose(slug, names) if names else None
    if setting.moved() or (controls.alone() and keeping.due()):
        st.rerun(scope="app")
    if opened:
        with st.container(border=True, key=CARD):
            if task := {each.key: each for each in built}.get(opened):
                design.card(task, names[opened])
            else:
                _card(questions, [each.key for each in questions].index(opened))


def _names(questions: tuple[Question, ...], built: tuple[Task, ...]) -> dict[str, str]:
    """What questions and tasks are called on their page, and in its address, by their keys."""
    numbers = {question.key: str(n) for n, question in enumerate(questions, 1)}
    many = len(built) > 1
    return numbers | {
        task.key: f"Design {n}" if many else "Design" for n, task in enumerate(built, 1)
    }


def _choose(slug: str, names: Mapping[str, str]) -> str | None:
    """The key of the question or task that is open."""
    options: list[str | None] = list(names)
    return controls.segmented(
        "Predict first",
        key_of(slug),
        options,
        None,
        lambda key: names.get(key or "", ""),
        required=False,
    )


def _ticks(slug: str, questions: tuple[Question, ...], built: tuple[Task, ...]) -> str:
    """A tick behind each question that was answered rightly and each task that is done, as a style
    sheet."""
    progress, stage = keeping.so_far(), presenter.on()
    attempts = progress.attempts
    done = [
        n
        for n, question in enumerate(questions, 1)
        if (attempt := attempts.get(question.key))
        and attempt.rights
        and not (stage and not attempt.shown)
    ]
    done += [
        n
        for n, task in enumerate(built, len(questions) + 1)
        if task.stands(progress.tasks.get(task.key, "")).done
    ]
    if not done:
        return ""
    places = ", ".join(f".st-key-{key_of(slug)} button:nth-of-type({n}) p::after" for n in done)
    # On a line of its own, or Markdown takes the style sheet behind it for text.
    return f"<style>{places} {{ content: ' ✓'; }}</style>\n"


def _attempt(question: Question) -> Attempt:
    """How the question stands; asked for the first time, it takes the numbers of now."""
    progress = keeping.so_far()
    attempt = progress.attempts.get(question.key)
    if attempt is None:
        attempt = Attempt(settings=question.settings(st.session_state))  # type: ignore[arg-type]
        keeping.hold(progress.with_attempt(question.key, attempt))
    return attempt


def _card(questions: tuple[Question, ...], place: int) -> None:
    question = questions[place]
    attempt = _attempt(question)
    asked = question.ask(attempt.settings, attempt.seed)
    if attempt.answer is not None and asked.problem(attempt.answer):
        # Kept by another version of the question: it is open again.
        attempt = replace(attempt, answer=None, shown=False)
        keeping.hold(keeping.so_far().with_attempt(question.key, attempt))
    st.markdown(f"**{place + 1} of {len(questions)}: {question.title}** {asked.prompt}")
    key = f"question_{question.key}_{attempt.seed}"
    if attempt.open or (presenter.on() and not attempt.shown):
        _field(question.title, key, attempt, asked)
        _before(question, attempt, asked, key)
        # Below, so that the buttons stay where they were pressed.
        if problem := st.session_state.pop(_PROBLEM, None):
            st.warning(problem)
        return
    # The page's own picture shall stay on the screen: the field makes room, if it is no picture.
    if isinstance(asked, Cell) or (isinstance(asked, Choice) and asked.pictures):
        field, words = st.columns(_BESIDE, gap="medium")
        with field:
            _field(question.title, key, attempt, asked)
        with words:
            _explain(attempt, asked)
    else:
        _explain(attempt, asked)
    _after(question, attempt, asked, questions[place + 1 :][:1])


def _before(question: Question, attempt: Attempt, asked: Asked, key: str) -> None:
    """The buttons while the answer is not shown."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if attempt.open:
            args = (question, asked, key)
            st.button("That is my answer", COMMIT, None, _commit, args, type="primary")
        else:
            st.markdown(f"Committed: **{asked.told(attempt.answer)}**", width="content")
        st.button("Show the answer", REVEAL, None, _reveal, (question, asked))


def _explain(attempt: Attempt, asked: Asked) -> None:
    """What was right, what went wrong, and why."""
    right = f"**{asked.told(asked.solution)}**"
    lines = [f"Answer: {right}. {asked.explanation}"]
    if attempt.answer is not None:
        verdict = asked.judge(attempt.answer)
        if verdict.right:
            lines = [f"✓ Right: {right}. {verdict.says}", asked.explanation]
        else:
            lines.insert(0, f"✕ **{asked.told(attempt.answer)}** is not it. {verdict.says}")
    if asked.look and asked.settings:
        lines.append(f"*See it on this page:* {asked.look}")
    said = "\n\n".join(lines)
    st.markdown(f"<div role='status'>\n\n{said}\n\n</div>", unsafe_allow_html=True)


def _after(
    question: Question, attempt: Attempt, asked: Asked, following: tuple[Question, ...]
) -> None:
    """The buttons when the answer is shown."""
    show: Mapping[str, Any] = {}
    if attempt.answer is not None:
        show = asked.judge(attempt.answer).show
    with st.container(horizontal=True, gap="small"):
        if show:
            stand = setting.stand(show)
            to, label = (asked.settings, "See the answer") if stand else (show, "See my answer")
            st.button(label, SEEN, None, setting.put, ({**asked.settings, **to},))
        elif not setting.stand(asked.settings):
            st.button("See the answer", SEEN, None, setting.put, (asked.settings,))
        if setting.changed(asked.settings):
            st.button("Back to my settings", BACK, None, setting.back, (asked.settings,))
        label = "Again, with new numbers" if question.varies else "Again"
        st.button(label, AGAIN, None, _again, (question,))
        for other in following:
            st.button("Next question", NEXT, None, _open, (other.page, other.key))


# The fields


def _field(title: str, key: str, attempt: Attempt, asked: Asked) -> None:
    """Where the answer is given; a committed one stays to be seen, and cannot be changed."""
    kept = attempt.answer
    if kept is not None:
        st.session_state[key] = list(kept) if isinstance(asked, Order) else kept  # type: ignore[arg-type]
    fixed = not attempt.open
    look: dict[str, Any] = {"key": key, "disabled": fixed, "persist_state": "session"}
    if isinstance(asked, Choice):
        (_pictures if asked.pictures else _options)(title, asked, fixed, look)
    elif isinstance(asked, Cell):
        _cell(key, asked, fixed)
    elif isinstance(asked, Number):
        label = f"How many {asked.unit}" if asked.unit else "The number"
        st.number_input(label, 0, asked.most, None, 1, width=260, **look)
    elif isinstance(asked, Order):
        places = range(len(asked.items))
        label = "Click them one after another, the first one first"
        chosen = st.pills(
            label, places, selection_mode="multi", format_func=asked.items.__getitem__, **look
        )
        st.caption(f"Your order: {asked.told(chosen) or '…'}")
    elif isinstance(asked, Blank):
        st.code(_with_dots(asked), language="python")
        st.text_input("The line in place of the dots", max_chars=asked.LONGEST, **look)


def _with_dots(asked: Blank) -> str:
    """The code around a blank, and dots in its place, as far in as the lines beside it."""
    beside = (asked.before.splitlines()[-1:], asked.after.splitlines()[:1])
    indent = max((len(line) - len(line.lstrip()) for lines in beside for line in lines), default=0)
    lines = (asked.before, " " * indent + "...", asked.after)
    return "\n".join(line for line in lines if line)


def _given(key: str, asked: Asked) -> Answer | None:
    """The answer in the field. A click may come together with it: so it is read at the click."""
    given = st.session_state.get(key)
    return tuple(given) if isinstance(asked, Order) and given else given


def _options(title: str, asked: Choice, fixed: bool, look: Mapping[str, Any]) -> None:
    labels = [option.label for option in asked.options]
    short = max(map(len, labels)) <= SHORT
    places = range(len(labels))
    st.radio(title, places, None, labels.__getitem__, horizontal=short, **HIDDEN, **look)


def _pictures(title: str, asked: Choice, fixed: bool, look: Mapping[str, Any]) -> None:
    """Pictures to click at, and their names for the keyboard."""
    from lesson.ui import explorer

    key = look["key"]
    maps = [
        explorer.Map(option.picture, option.label, scale=asked.scale, high=asked.high, choice=place)
        for place, option in enumerate(asked.options)
        if option.picture is not None
    ]
    drawn = f"{key}_pictures"
    explorer.gallery(
        maps,
        key=drawn,
        alt="Pictures to choose from",
        height=190,
        columns=len(maps),
        legend=False,
        shared=False,
        chosen=st.session_state.get(key),
        on_chosen=None if fixed else lambda: _take_picture(key, drawn),
    )
    labels = [option.label for option in asked.options]
    places = range(len(labels))
    st.segmented_control(title, places, format_func=labels.__getitem__, **HIDDEN, **look)


def _take_picture(key: str, drawn: str) -> None:
    st.session_state[key] = int(st.session_state[drawn].chosen)


def _cell(key: str, asked: Cell, fixed: bool) -> None:
    """A map of which one cell is pointed at, by the pointer or with arrows and Enter."""
    from lesson.ui import explorer

    chosen: tuple[int, int] | None = st.session_state.get(key)
    marks = []
    if chosen:
        row, column = chosen
        marks = [explorer.Mark(row, column, row + 1, column + 1, "your cell", "result")]
    drawn = f"{key}_cells"
    explorer.points(
        explorer.Map(
            asked.values,
            scale=asked.scale,
            high=asked.high,
            decimals=asked.decimals,
            numbers=asked.numbers,
            marks=marks,
        ),
        key=drawn,
        alt="Cells to point at",
        on_chosen=None if fixed else lambda: _take_cell(key, drawn),
    )


def _take_cell(key: str, drawn: str) -> None:
    row, column = st.session_state[drawn].chosen
    st.session_state[key] = (int(row), int(column))


# What the buttons do


def _commit(question: Question, asked: Asked, key: str) -> None:
    progress, attempt = keeping.so_far(), _attempt(question)
    # Of two quick clicks the second comes to a question that is answered already.
    if not attempt.open or not key.endswith(f"_{attempt.seed}"):
        return
    answer = _given(key, asked)
    if problem := asked.problem(answer):
        st.session_state[_PROBLEM] = problem
        return
    assert answer is not None
    attempt = attempt.commit(answer, asked.judge(answer).right)
    keeping.keep(progress.with_attempt(question.key, attempt))
    if not presenter.on():
        setting.put(asked.settings)


def _reveal(question: Question, asked: Asked) -> None:
    attempt = replace(_attempt(question), shown=True)
    keeping.keep(keeping.so_far().with_attempt(question.key, attempt))
    setting.put(asked.settings)


def _again(question: Question) -> None:
    settings = question.settings(st.session_state)  # type: ignore[arg-type]
    attempt = _attempt(question).again(settings)
    keeping.keep(keeping.so_far().with_attempt(question.key, attempt))


def _open(slug: str, key: str) -> None:
    st.session_state[key_of(slug)] = key
