"""What a reader has done: counted, merged, written and read back, trusting nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesson.progress import LONGEST, MOST, Attempt, Progress, Standing, read, standing, write
from lesson.questions import of_page

PADDING = of_page("padding")
KEY = PADDING[0].key

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
junk = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner)
)
answers = (
    st.integers(0, 99) | st.text(max_size=30) | st.lists(st.integers(0, 9), min_size=1).map(tuple)
)


@st.composite
def attempts(draw: Any) -> Attempt:
    """An attempt as a reader makes it."""
    attempt = Attempt(settings={"padding_size": draw(st.integers(5, 28))})
    for right in draw(st.lists(st.booleans(), max_size=4)):
        attempt = attempt.commit(draw(answers), right)
        if draw(st.booleans()):
            attempt = attempt.again({"padding_size": draw(st.integers(5, 28))})
    return attempt


progresses = st.builds(
    Progress,
    st.dictionaries(st.sampled_from([each.key for each in PADDING]), attempts()),
    st.dictionaries(st.sampled_from(["padding_task_a", "cnn_task_b"]), st.text(max_size=40)),
    st.lists(st.text("0123456789abcdef", min_size=20, max_size=20), unique=True).map(tuple),
)


def test_the_first_answer_is_remembered_and_all_are_counted() -> None:
    attempt = Attempt().commit(3, False)
    assert (attempt.open, attempt.right, attempt.first) == (False, False, False)
    again = attempt.again({"padding_size": 9})
    assert (again.open, again.seed, again.tries) == (True, 1, 1)
    right = again.commit(5, True)
    assert (right.right, right.first, right.tries, right.rights) == (True, False, 2, 1)
    assert Attempt().commit(5, True).first


@given(progresses)
def test_what_is_written_is_read_back(progress: Progress) -> None:
    assert read(write(progress)) == progress


@given(junk | st.text())
def test_anything_else_is_read_without_an_error(data: Any) -> None:
    for text in (data, json.dumps(data)):
        assert isinstance(read(text), Progress)


@given(st.dictionaries(st.sampled_from([KEY, "x" * 61, "A B", "<b>"]), junk), junk, junk)
def test_entries_that_cannot_be_are_left_out(entries: Any, tasks: Any, runs: Any) -> None:
    text = json.dumps({"version": 1, "attempts": entries, "tasks": tasks, "runs": runs})
    found = read(text)
    assert set(found.attempts) <= {KEY}
    for attempt in found.attempts.values():
        assert 0 <= attempt.rights <= attempt.tries
    assert read(write(found)) == found


def test_what_is_too_long_or_of_another_version_is_not_read() -> None:
    text = write(Progress().with_task("padding_task_a", "done"))
    assert read(text).tasks == {"padding_task_a": "done"}
    assert read(text + " " * LONGEST) == Progress()
    assert read(text.replace('"version":1', '"version":2')) == Progress()
    many = {"version": 1, "tasks": {f"task_{n}": "x" for n in range(2 * MOST)}}
    assert len(read(json.dumps(many)).tasks) == MOST


@given(progresses, progresses)
def test_two_tabs_together_lose_nothing(one: Progress, other: Progress) -> None:
    both = one.met(other)
    assert set(both.attempts) == {*one.attempts, *other.attempts}
    assert set(both.runs) == {*one.runs, *other.runs}
    assert set(both.tasks) == {*one.tasks, *other.tasks}
    for key, attempt in both.attempts.items():
        sides = [each.attempts[key] for each in (one, other) if key in each.attempts]
        further = max(sides, key=lambda side: (side.seed, side.tries, not side.open))
        assert (attempt.seed, attempt.answer) == (further.seed, further.answer)
        assert attempt.tries == max(side.tries for side in sides)
        assert attempt.rights == max(side.rights for side in sides)
        assert bool(attempt.committed) == any(side.committed for side in sides)
    assert both.met(other).attempts == both.attempts


def test_a_committed_answer_is_not_lost_to_one_that_is_only_open() -> None:
    committed = Progress().with_attempt(KEY, Attempt().commit(2, True))
    opened = Progress().with_attempt(KEY, Attempt())
    assert opened.met(committed).attempts[KEY].answer == 2
    assert committed.met(opened).attempts[KEY].answer == 2


def test_a_run_is_listed_once_and_the_list_has_an_end() -> None:
    progress = Progress()
    for number in range(MOST + 5):
        progress = progress.with_run(f"{number:020x}").with_run(f"{number:020x}")
    assert len(progress.runs) == MOST
    assert progress.runs[-1] == f"{MOST + 4:020x}"


def test_the_standing_counts_what_was_answered_and_what_rightly() -> None:
    objective = PADDING[0].objective
    count = sum(each.objective == objective for each in PADDING)
    progress = Progress()
    assert standing(progress, PADDING)[objective] == Standing(0, 0, count)
    progress = progress.with_attempt(PADDING[0].key, Attempt().commit(1, True))
    progress = progress.with_attempt(PADDING[1].key, Attempt().commit(1, False))
    assert standing(progress, PADDING)[objective] == Standing(1, 2, count)
    # Answered anew and wrongly, it has been right all the same.
    again = progress.attempts[PADDING[0].key].again({}).commit(1, False)
    assert standing(progress.with_attempt(PADDING[0].key, again), PADDING)[objective].right == 1


@pytest.mark.parametrize("answer", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_not_kept(answer: float) -> None:
    text = json.dumps({"version": 1, "attempts": {KEY: [0, {}, answer, [0, 0, 0], 1, 0, None]}})
    assert read(text) == Progress()
