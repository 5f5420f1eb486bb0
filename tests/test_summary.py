"""The summary: what a reader did, told from the bank and the store, as text and as a file."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from lesson import summary, tasks
from lesson.heatmap import heatmap
from lesson.outcome import OBJECTIVES
from lesson.palette import CORRECT, WRONG
from lesson.progress import Attempt, Progress
from lesson.questions import bank
from lesson.questions.kinds import Cell
from lesson.questions.question import Question
from lesson.runs import RunStore
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui.navigation import PAGES
from tests.questions.test_bank import wrong_answers

TITLES = {page.slug: page.title for page in PAGES}
ROWS, UNUSED, LINE = (bank()[f"padding_{what}"] for what in ("rows", "unused", "line"))


def with_answer(progress: Progress, question: Question, right: bool, seed: int = 0) -> Progress:
    attempt = Attempt(seed=seed, settings=question.settings({}))
    asked = question.ask(attempt.settings, seed)
    answer = asked.solution if right else wrong_answers(asked)[0]
    return progress.with_attempt(question.key, attempt.commit(answer, right))


def test_each_answer_is_told_with_its_question_and_what_there_is_to_say_of_it() -> None:
    progress = with_answer(with_answer(Progress(), ROWS, True), UNUSED, False)
    said = summary.text(progress, RunStore(), TITLES)
    right, wrong = summary.entries(progress)
    assert right.asked.prompt in said
    assert f"✓ You said {right.asked.told(right.attempt.answer)}: right." in said
    assert f"✕ You said {wrong.asked.told(wrong.attempt.answer)}." in said
    assert f"It is {wrong.asked.told(wrong.asked.solution)}. {wrong.verdict.says}" in said
    assert said.count("### Padding") == 1
    assert "### Pooling" not in said


def test_an_answer_that_was_given_more_than_once_says_how_often_it_was_right() -> None:
    progress = with_answer(Progress(), ROWS, False)
    again = progress.attempts[ROWS.key].again(ROWS.settings({}))
    solution = ROWS.ask(again.settings, again.seed).solution
    progress = progress.with_attempt(ROWS.key, again.commit(solution, True))
    assert ": right, 1 of 2 times." in summary.text(progress, RunStore(), TITLES)


def test_the_objectives_count_the_bank() -> None:
    said = summary.objectives(with_answer(Progress(), ROWS, True))
    lines = said.splitlines()[2:]
    assert len(lines) == len(OBJECTIVES)
    counts = [re.search(r"(\d+) of (\d+)", line) for line in lines]
    assert sum(int(count[1]) for count in counts if count) == 1
    assert sum(int(count[2]) for count in counts if count) == len(bank()) + len(tasks.bank())


@pytest.mark.parametrize("answer", [99, "a line", (50, 50), (1,)])
def test_a_kept_answer_that_does_not_fit_is_left_out(answer: object) -> None:
    attempt = Attempt(settings={}, answer=answer, tries=1)  # type: ignore[arg-type]
    progress = Progress({ROWS.key: attempt, "no_such_question": attempt})
    assert summary.entries(progress) == []
    assert summary.NOTHING in summary.text(progress, RunStore(), TITLES)


def test_own_runs_are_told_with_the_numbers_of_the_store() -> None:
    store, spec = RunStore(), NOTEBOOK_RUNS["CNN 2"]
    known = store.summary(spec)
    assert known
    said = summary.text(Progress(runs=(spec.digest, "0" * 20)), store, TITLES)
    moved = store.robustness(spec.digest)["right"][9]
    row = f"| CNN 2 | {spec.network.parameters:,} | {known.test_accuracy:.2%} | "
    assert row + f"{known.test_loss:.4f} | {moved:.2%} |" in said
    assert "<svg" in said
    assert "What you trained" not in summary.text(Progress(), store, TITLES)


def test_the_file_needs_nothing_else_and_shows_formulas_tables_and_pictures() -> None:
    progress = with_answer(with_answer(Progress(), ROWS, True), UNUSED, False)
    (task,) = (each for each in tasks.bank().values() if each.page == "feedforward")
    progress = progress.with_task(task.key, "97.8% with 80,000 parameters")
    said = summary.text(progress, RunStore(), TITLES)
    html = summary.page(said, "Your <lesson>", "today")
    assert "Your &lt;lesson&gt;" in html
    assert html.count("<math") == said.count("$") // 2 > 0
    assert "<table>" in html
    assert "<svg" in html
    assert not re.search(r"(src|href)=|url\(|@import|<script", html)
    assert f"<strong>{task.title}.</strong> 97.8% with 80,000 parameters" in html


def test_what_a_reader_typed_is_shown_as_text() -> None:
    attempt = Attempt(settings=LINE.settings({}))
    typed = "'`<img src=x onerror=alert(1)>`'"
    progress = Progress().with_attempt(LINE.key, attempt.commit(typed, False))
    html = summary.page(summary.text(progress, RunStore(), TITLES), "a", "b")
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


# Pictures on paper


def test_a_heatmap_has_a_square_for_each_value_that_is_not_zero() -> None:
    values = np.array([[0.0, 1.0], [-2.0, 0.0]])
    drawn = heatmap(values, "A & B", "diverging", right=[(0, 1)], given=(1, 0))
    root = ElementTree.fromstring(drawn)
    squares = [each for each in root if each.get("fill-opacity")]
    assert [each.get("fill-opacity") for each in squares] == ["0.500", "1.000"]
    assert len({each.get("fill") for each in squares}) == 2
    assert [each.get("stroke") for each in root].count(CORRECT) == 1
    assert [each.get("stroke") for each in root].count(WRONG) == 1
    assert [each.text for each in root if each.tag.endswith("text")] == ["0", "1", "−2", "0"]


def test_a_right_cell_is_not_crossed_out_and_large_pictures_have_no_numbers() -> None:
    asked = UNUSED.ask({}, 0)
    assert isinstance(asked, Cell)
    drawn = heatmap(asked.values, "cells", asked.scale, right=asked.right, given=asked.solution)
    assert WRONG not in drawn
    assert drawn.count(CORRECT) == len(asked.right)
    assert "<text" not in heatmap(np.eye(28), "a digit")
    assert 'width="190"' in heatmap(np.eye(28), "a digit")
