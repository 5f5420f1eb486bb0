"""Every question of the bank: one right answer, no two alike, at any settings and any seed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lesson.outcome import OBJECTIVES
from lesson.questions import MODULES, bank, of_page
from lesson.questions.kinds import Asked, Blank, Cell, Choice, Number, Order
from lesson.questions.question import Question

BANK = bank()


def asked(question: Question) -> st.SearchStrategy[tuple[dict[str, Any], int]]:
    """Settings that the page may have, and a seed."""
    reads = {key: st.sampled_from(list(read.allowed)) for key, read in question.reads.items()}
    return st.tuples(st.fixed_dictionaries(reads), st.integers(0, 9_999))


def wrong_answers(question: Asked) -> list[Any]:
    """Every wrong answer that the question knows of."""
    if isinstance(question, Choice):
        return [n for n, option in enumerate(question.options) if not option.right]
    if isinstance(question, Cell):
        height, width = question.values.shape
        cells = [(row, column) for row in range(height) for column in range(width)]
        return [cell for cell in cells if cell not in question.right]
    assert isinstance(question, Number | Order | Blank)
    return [mistake.value for mistake in question.mistakes]


def test_there_are_three_questions_a_page_and_thirty_in_all() -> None:
    assert {slug: len(of_page(slug)) for slug in MODULES if len(of_page(slug)) < 3} == {}
    assert len(BANK) == sum(len(of_page(slug)) for slug in MODULES) >= 30
    assert all(question.page == slug for slug in MODULES for question in of_page(slug))
    assert all(key.partition("_")[0] == key.split("_")[0] and key.isidentifier() for key in BANK)


def test_every_objective_is_asked_about_and_every_kind_is_used() -> None:
    keys = {objective.key for objective in OBJECTIVES}
    assert {question.objective for question in BANK.values()} == keys
    kinds = {type(question.ask({}, 0)) for question in BANK.values()}
    assert kinds == {Choice, Number, Cell, Order, Blank}
    assert any(isinstance(a := q.ask({}, 0), Choice) and a.pictures for q in BANK.values())


@pytest.mark.parametrize("key", BANK)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_one_answer_is_right_and_every_mistake_is_wrong_and_says_why(key: str, data: Any) -> None:
    values, seed = data.draw(asked(BANK[key]))
    question = BANK[key].ask(values, seed)
    assert question.problem(question.solution) is None
    assert question.judge(question.solution).right
    wrong = wrong_answers(question)
    assert wrong
    for answer in wrong:
        assert question.problem(answer) is None, answer
        verdict = question.judge(answer)
        assert not verdict.right, answer
        assert len(verdict.says) > 10, answer
        assert question.told(answer) != question.told(question.solution), answer
    if isinstance(question, Choice):
        labels = [option.label for option in question.options]
        assert len(set(labels)) == len(labels) >= 2
        if question.pictures:
            drawn = [
                (option.picture.shape, option.picture.tobytes()) for option in question.options
            ]  # type: ignore[union-attr]
            assert len(set(drawn)) == len(drawn)
    assert question.prompt
    assert question.explanation
    assert "None" not in question.told(question.solution)


@pytest.mark.parametrize("key", BANK)
def test_the_same_settings_and_seed_ask_the_same_and_another_seed_something_else(key: str) -> None:
    question = BANK[key]
    first, second = question.ask({}, 3), question.ask({}, 3)
    assert (first.prompt, first.solution) == (second.prompt, second.solution)
    others = [question.ask({}, seed) for seed in range(8)]
    told = {(other.prompt, other.told(other.solution), str(other.settings)) for other in others}
    assert (len(told) > 1) == question.varies


@pytest.mark.parametrize("key", BANK)
def test_settings_that_cannot_be_are_not_read(key: str) -> None:
    question = BANK[key]
    junk = {name: [{"<b>": float("nan")}] for name in question.reads}
    assert question.settings(junk) == question.settings({})
    assert question.ask(junk, 0).prompt == question.ask({}, 0).prompt


@pytest.mark.parametrize("key", BANK)
@pytest.mark.parametrize(
    "junk", [None, True, -1, 10**12, 1.5, "", "(((", (1,), (0, 1, 2), ("a", 0)]
)
def test_what_is_no_answer_is_refused_in_a_sentence(key: str, junk: Any) -> None:
    question = BANK[key].ask({}, 0)
    problem = question.problem(junk)
    if problem is None:
        question.judge(junk)
    else:
        assert problem.endswith(".")
