"""The result in words: right for whatever numbers it is given."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lesson.outcome import MOVED, OBJECTIVES, Result, reading, results, verdict
from lesson.runs import SHIPPED, RunStore
from lesson.specs import NOTEBOOK_RUNS, SHIFTS
from lesson.ui.navigation import PAGES

share = some.integers(0, 1000).map(lambda tenth: tenth / 1000)
networks = some.tuples(
    *(
        some.builds(Result, some.just(name), share, some.integers(10, 10**6), share)
        for name in NOTEBOOK_RUNS
    )
)
A = Result("Feedforward", 0.9, 100, 0.5)


def test_the_results_are_those_of_the_shipped_runs(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    rows = results(store)
    assert [row.name for row in rows] == list(NOTEBOOK_RUNS)
    for row, spec in zip(rows, NOTEBOOK_RUNS.values(), strict=True):
        run, moved = store.find(spec), store.robustness(spec.digest)
        assert run
        assert moved
        assert row.accuracy == run.test_accuracy
        assert row.parameters == spec.network.parameters
        assert row.moved == moved["right"][SHIFTS.index(MOVED)]


def test_a_run_that_is_missing_or_damaged_is_left_out(tmp_path: Path) -> None:
    feedforward, cnn_1, cnn_2 = (spec.digest for spec in NOTEBOOK_RUNS.values())
    for digest in (feedforward, cnn_1):
        shutil.copytree(SHIPPED / digest, tmp_path / digest)
        shutil.copy(SHIPPED / f"{digest}.robustness.json", tmp_path)
    torn = tmp_path / feedforward / "results.json"
    torn.write_bytes(torn.read_bytes().replace(b'"test_accuracy": 0.', b'"test_accuracy": 1.'))
    store = RunStore(tmp_path, shipped=None)
    assert [row.name for row in results(store)] == ["CNN 1"]
    assert any(feedforward in warning for warning in store.warnings)
    assert store.summary(NOTEBOOK_RUNS["CNN 2"]) is None
    assert cnn_2 not in str(store.warnings)


def test_the_summary_of_a_run_is_that_of_the_list(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    listed = {summary.spec: summary for summary in store.summaries()}
    for spec in NOTEBOOK_RUNS.values():
        assert store.summary(spec) == listed[spec]


LARGER, SMALLER, STEADY = (
    Result("CNN 1", 0.9, 200, 0.4),
    Result("CNN 1", 0.9, 100, 0.5),
    Result("CNN 1", 0.9, 200, 0.8),
)
ALL_IS_BETTER, BOTH_LARGER = Result("CNN 1", 0.9, 50, 0.8), Result("CNN 2", 0.9, 300, 0.7)


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ([STEADY], "(CNN 1 is larger than the feedforward network), but CNN 1 holds better"),
        ([LARGER], "(CNN 1 is larger than the feedforward network), and none of them holds better"),
        ([ALL_IS_BETTER], "is larger than the feedforward network, and CNN 1 holds better"),
        ([SMALLER], "is larger than the feedforward network, but none of them holds better"),
        ([STEADY, BOTH_LARGER], "(CNN 1 and CNN 2 are larger than the feedforward network), but "),
        ([STEADY, BOTH_LARGER], "but CNN 1 and CNN 2 hold better"),
    ],
)
def test_the_verdict_follows_from_the_numbers(others: list[Result], says: str) -> None:
    assert says in verdict([A, *others])


@given(rows=networks)
def test_only_networks_that_lose_less_than_the_first_are_said_to_hold_better(
    rows: tuple[Result, ...],
) -> None:
    first, *others = rows
    size, _, holding = verdict(rows).rpartition(", ")
    # Each loss here is a whole number of tenths of a point, as it is shown.
    tenths = {row.name: round(1000 * row.accuracy) - round(1000 * row.moved) for row in rows}
    for row in others:
        steadier = tenths[row.name] < tenths[first.name]
        assert (row.name in holding) == steadier
        assert (f"{row.name} only" in reading(rows)) == steadier
        assert (row.name in size) == (row.parameters > first.parameters)


@given(rows=networks)
def test_every_network_is_told_with_its_own_accuracy(rows: tuple[Result, ...]) -> None:
    said = reading(rows)
    assert f"reads {rows[0].accuracy:.1%} of the test digits right" in said
    assert all(f"{row.name} {row.accuracy:.1%}" in said for row in rows[1:])


def test_few_or_no_results_still_make_sentences() -> None:
    assert reading([]) == verdict([]) == verdict([A]) == ""
    assert reading([A]) == (
        "The feedforward network reads 90.0% of the test digits right. With every digit moved "
        "3 pixels to the right, the feedforward network loses 40.0 points of its accuracy."
    )


def test_each_objective_leads_to_pages_of_the_lesson_and_every_taught_page_is_reached() -> None:
    reached = {slug for objective in OBJECTIVES for slug in objective.pages}
    assert len({objective.key for objective in OBJECTIVES}) == len(OBJECTIVES) == 6
    assert {entry.slug for entry in PAGES} - reached == {"overview"}
    assert reached <= {entry.slug for entry in PAGES}
