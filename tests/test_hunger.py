"""Hunger for data: which runs are behind the curves, and what is said of them."""

from __future__ import annotations

from statistics import fmean

import pytest

from lesson import hunger
from lesson.specs import MAX_EPOCHS, NOTEBOOK_RUNS, TRAINING_DIGITS, RunSpec

FOUND: hunger.Curves = {
    "Feedforward": {100: [0.70, 0.72], 1_000: [0.88, 0.90], TRAINING_DIGITS: [0.97, 0.97]},
    "CNN 1": {100: [0.71, 0.75], 1_000: [0.93, 0.94], TRAINING_DIGITS: [0.98, 0.985]},
    "CNN 2": {100: [0.60, 0.74], 1_000: [0.92, 0.935], TRAINING_DIGITS: [0.98, 0.99]},
}


def test_every_point_is_a_run_of_the_notebooks_network_on_the_first_digits() -> None:
    runs = hunger.small_runs()
    assert len(set(runs)) == len(runs) == 5 * 3 * len(hunger.EPOCHS)
    assert {run.network for run in runs} == {run.network for run in NOTEBOOK_RUNS.values()}
    assert [run.problem for run in runs] == [None] * len(runs)
    assert {run.training_digits for run in runs} == set(hunger.EPOCHS)
    assert max(run.epochs for run in runs) <= MAX_EPOCHS
    # The fewer the digits, the more often they are shown, and never in fewer steps than matter.
    shown = [hunger.EPOCHS[size] for size in sorted(hunger.EPOCHS)]
    assert shown == sorted(shown, reverse=True)
    assert min(run.batches * run.epochs for run in runs) >= 200


def test_curves_are_put_together_from_what_is_known() -> None:
    known = {hunger.spec("CNN 1", 100, 42): 0.7, hunger.spec("CNN 1", TRAINING_DIGITS, 43): 0.98}
    assert hunger.curves(known.get) == {"CNN 1": {100: [0.7], TRAINING_DIGITS: [0.98]}}
    assert hunger.curves(lambda spec: None) == {}


def test_the_sentence_ranks_the_networks_and_says_what_each_needs() -> None:
    said = hunger.sentence(FOUND, 1_000, 0.9)
    assert "With 1,000 digits, on average over the seeds: CNN 1 93.5%, CNN 2 92.8% and" in said
    assert "Feedforward with 60,000, CNN 1 with 1,000 and CNN 2 with 1,000." in said
    assert "Feedforward did not get there." in hunger.sentence(FOUND, 100, 0.975)
    assert "did not get there" not in hunger.sentence(FOUND, 100, 0.9)
    assert hunger.sentence(FOUND, 300, 0.9) == ""


def test_a_lead_counts_only_where_no_seed_of_another_network_reaches_it() -> None:
    said = hunger.leaders(FOUND)
    assert "CNN 1 with 100 and 1,000" in said
    assert "CNN 2 with 60,000" in said
    assert "At none of these sizes" in said
    clear = {**FOUND, "CNN 2": {1_000: [0.5, 0.6]}}
    assert hunger.leaders(clear).endswith("every other network with 1,000 and 60,000.")
    assert hunger.leaders({"CNN 1": {100: [0.7]}}) == ""


@pytest.mark.parametrize("level", [0.5, 0.72, 0.99])
def test_the_first_size_to_reach_a_level_is_the_smallest(level: float) -> None:
    points = FOUND["CNN 1"]
    first = hunger.first_to_reach(points, level)
    reached = [size for size, values in points.items() if fmean(values) >= level]
    assert first == (min(reached) if reached else None)


def test_with_all_digits_the_runs_are_the_notebooks_own() -> None:
    for name, run in NOTEBOOK_RUNS.items():
        assert hunger.spec(name, TRAINING_DIGITS, run.seed) == run
        assert isinstance(hunger.spec(name, 300, 1), RunSpec)
