"""Every question on its page, both ways; what is kept of them, and what a stage hides."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lesson import progress
from lesson.progress import Progress
from lesson.questions import MODULES, bank, of_page
from lesson.questions.kinds import Asked, Blank, Cell, Choice, Number, Order
from lesson.questions.question import Question
from lesson.ui import keeping, questions
from lesson.ui.questions import AGAIN, BACK, COMMIT, NEXT, REVEAL, SEEN, key_of
from tests.conftest import OpenPage, tell
from tests.questions.test_bank import wrong_answers

ROWS = bank()["padding_rows"]


def kept(app: AppTest) -> Progress:
    found: Progress = app.session_state["_progress"]
    return found


def asked(app: AppTest, question: Question) -> Asked:
    """The question with the numbers that the page asks it with."""
    attempt = kept(app).attempts[question.key]
    return question.ask(attempt.settings, attempt.seed)


def opened(app: AppTest, question: Question) -> AppTest:
    app.session_state[key_of(question.page)] = question.key
    return app.run()


def give(app: AppTest, question: Question, answer: Any) -> AppTest:
    """Give an answer as a reader does, and commit to it."""
    seed = kept(app).attempts[question.key].seed
    key, form = f"question_{question.key}_{seed}", asked(app, question)
    if isinstance(form, Choice):
        place = app.segmented_control(key=key) if form.pictures else app.radio(key=key)
        place.set_value(answer)
    elif isinstance(form, Cell):
        tell(app, f"{key}_cells", "chosen", list(answer))
    elif isinstance(form, Number):
        app.number_input(key=key).set_value(answer)
    elif isinstance(form, Order):
        app.pills(key=key).set_value(list(answer))
    else:
        assert isinstance(form, Blank)
        app.text_input(key=key).set_value(answer)
    return app.button(key=COMMIT).click().run()


def said(app: AppTest) -> str:
    return "\n".join(part.value for part in app.main.markdown)


def button(app: AppTest, key: str) -> bool:
    return any(each.key == key for each in app.button)


@pytest.mark.parametrize("slug", MODULES)
def test_each_question_answers_what_is_right_and_what_is_wrong(
    open_page: OpenPage, slug: str
) -> None:
    app = open_page(slug)
    for question in of_page(slug):
        app = opened(app, question)
        form = asked(app, question)
        assert form.prompt in said(app)
        assert form.explanation not in said(app), question.key

        mistake = wrong_answers(form)[0]
        app = give(app, question, mistake)
        assert not app.exception, question.key
        assert form.judge(mistake).says in said(app), question.key
        assert form.explanation in said(app)
        assert not kept(app).attempts[question.key].right
        for key, value in form.settings.items():
            assert app.session_state[key] == value, f"{question.key}: {key}"
        assert not button(app, COMMIT)

        app = app.button(key=AGAIN).click().run()
        form = asked(app, question)
        app = give(app, question, form.solution)
        assert not app.exception, question.key
        assert f"✓ Right: **{form.told(form.solution)}**" in said(app), question.key
        attempt = kept(app).attempts[question.key]
        assert (attempt.right, attempt.first, attempt.tries, attempt.rights) == (True, False, 2, 1)


def test_a_question_keeps_its_numbers_while_the_page_changes_and_takes_new_ones_when_asked(
    open_page: OpenPage,
) -> None:
    app = opened(open_page("padding"), ROWS)
    prompt = asked(app, ROWS).prompt
    app.select_slider(key="padding_size").set_value(20).run()
    assert asked(app, ROWS).prompt == prompt
    app = give(app, ROWS, asked(app, ROWS).solution)
    assert prompt in said(app)
    app.select_slider(key="padding_size").set_value(21).run()
    app = app.button(key=AGAIN).click().run()
    again = asked(app, ROWS)
    assert again.prompt != prompt
    assert again.prompt in said(app)


def test_the_reveal_sets_the_picture_and_the_reader_gets_the_own_settings_back(
    open_page: OpenPage,
) -> None:
    app = open_page("padding", padding_size="12", padding_strides="2")
    app = opened(app, ROWS)
    mine = {key: app.session_state[key] for key in ROWS.reads}
    form = asked(app, ROWS)
    app = give(app, ROWS, wrong_answers(form)[0])
    assert {key: app.session_state[key] for key in ROWS.reads} == form.settings != mine
    assert app.query_params["padding_strides"] == str(form.settings["padding_strides"])
    app = app.button(key=BACK).click().run()
    assert {key: app.session_state[key] for key in ROWS.reads} == mine
    assert not button(app, BACK)
    app = app.button(key=SEEN).click().run()
    assert {key: app.session_state[key] for key in ROWS.reads} == form.settings


def test_without_an_answer_nothing_is_committed_and_the_reader_is_told(open_page: OpenPage) -> None:
    app = opened(open_page("padding"), ROWS)
    app = app.button(key=COMMIT).click().run()
    assert [part.value for part in app.warning] == [asked(app, ROWS).problem(None)]
    assert kept(app).attempts[ROWS.key].open
    line = bank()["padding_line"]
    app = give(opened(app, line), line, "layers.Conv2D(((")
    assert "not a line of Python" in app.warning[0].value
    assert kept(app).attempts[line.key].open


def test_the_answer_can_be_shown_without_one_and_counts_as_none(open_page: OpenPage) -> None:
    app = opened(open_page("padding"), ROWS)
    app = app.button(key=REVEAL).click().run()
    form = asked(app, ROWS)
    assert f"Answer: **{form.told(form.solution)}**" in said(app)
    assert kept(app).attempts[ROWS.key].tries == 0
    app = app.button(key=NEXT).click().run()
    assert bank()["padding_corner"].title in said(app)
    assert app.query_params[key_of("padding")] == "2"


def test_on_a_stage_the_answer_waits_for_the_instructor(open_page: OpenPage) -> None:
    app = open_page("padding")
    app.session_state["present"] = True
    app = opened(app, ROWS)
    form = asked(app, ROWS)
    before = {key: app.session_state[key] for key in ROWS.reads}
    app = give(app, ROWS, form.solution)
    assert f"Committed: **{form.told(form.solution)}**" in said(app)
    assert form.explanation not in said(app)
    assert {key: app.session_state[key] for key in ROWS.reads} == before
    app = app.button(key=REVEAL).click().run()
    assert form.explanation in said(app)
    assert {key: app.session_state[key] for key in ROWS.reads} == form.settings


@pytest.mark.parametrize("value", ["", "0", "99", "nonsense", "<b>", "padding_rows\x00", "1,2"])
def test_nonsense_in_the_address_opens_no_question(open_page: OpenPage, value: str) -> None:
    app = open_page("padding", padding_question=value)
    assert not app.exception
    assert not button(app, COMMIT)


def test_a_question_is_opened_by_its_number_or_its_key(open_page: OpenPage) -> None:
    for value in ("2", "padding_corner"):
        app = open_page("padding", padding_question=value)
        assert bank()["padding_corner"].title in said(app)


# What the browser keeps


def told(app: AppTest, text: str) -> AppTest:
    return tell(app, keeping.KEY, "found", text)


def test_a_committed_answer_outlives_a_reload_with_its_numbers(open_page: OpenPage) -> None:
    app = opened(open_page("padding", padding_size="15"), ROWS)
    form = asked(app, ROWS)
    app = give(app, ROWS, wrong_answers(form)[0])
    text = progress.write(kept(app))

    fresh = open_page("padding", padding_question="1")
    assert form.prompt not in said(fresh)
    fresh = told(fresh, text)
    assert not fresh.exception
    assert form.prompt in said(fresh)
    assert form.judge(wrong_answers(form)[0]).says in said(fresh)
    assert not button(fresh, COMMIT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[" * 100_000,
        '{"version":1,"attempts":{"padding_rows":[0,{"padding_size":1e999},5,[1,1,1],1,1,null]}}',
        '{"version":1,"attempts":{"padding_rows":[0,{"padding_size":[]},"<script>",[1,1,1],1,1,[0,{},"x"]]}}',
        '{"version":1,"attempts":{"padding_rows":[0,{},[9,9],[0,1,1],9999,9999,7],"no_such":[0,{},0,[0,0,0],1,1,null]}}',
        '{"version":1,"attempts":[],"tasks":7,"runs":[1,"../../etc","' + "a" * 20 + '"]}',
    ],
)
def test_nonsense_in_what_the_browser_kept_shows_the_page_all_the_same(
    open_page: OpenPage, text: str
) -> None:
    app = told(open_page("padding", padding_question="1"), text)
    assert not app.exception
    assert ROWS.title in said(app)
    app = opened(app, bank()["padding_corner"])
    assert not app.exception


def test_the_first_page_s_questions_need_no_numpy() -> None:
    import subprocess
    import sys

    code = "import sys, lesson.questions as q; q.of_page('overview'); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert questions.key_of("overview") == "overview_question"


def test_the_dots_stand_as_far_in_as_the_lines_beside_them() -> None:
    among = Blank(prompt="Which?", explanation="So.", right=("a",), before="f(\n    b,", after=")")
    assert questions._with_dots(among) == "f(\n    b,\n    ...\n)"
    alone = Blank(prompt="Which?", explanation="So.", right=("a",))
    assert questions._with_dots(alone) == "..."
