"""What padding cost and gave is read off the two networks and their runs."""

from __future__ import annotations

from pathlib import Path

from lesson import padded
from lesson.runs import RunStore
from lesson.shipped import seeds_of
from lesson.specs import SHIFTS


def test_an_accuracy_is_held_against_the_smallest_and_the_largest_of_the_others() -> None:
    chance = [0.981, 0.984, 0.982]
    assert "within" in padded.against_chance(0.981, chance)
    assert "within" in padded.against_chance(0.984, chance)
    assert "above" in padded.against_chance(0.9841, chance)
    assert "below" in padded.against_chance(0.9809, chance)


def test_the_costs_of_padding_are_those_of_the_two_networks() -> None:
    rows = {
        name: (valid, same)
        for name, valid, same in padded.cost_rows(padded.VALID.network, padded.SAME.network)
    }
    assert rows["Output of Conv2D"] == ("26×26×16", "28×28×16")
    assert rows["Output of MaxPooling2D"] == ("13×13×16", "14×14×16")
    assert len(set(rows["Parameters of Conv2D"])) == 1
    assert rows["Parameters in all"] == ("347,690", "402,986")


def test_the_two_trainings_differ_in_their_padding_alone() -> None:
    valid, same = padded.VALID.to_json(), padded.SAME.to_json()
    first, *_ = same["network"]["layers"]
    assert first["padding"] == "same"
    first["padding"] = "valid"
    assert valid == same


def test_accuracies_come_from_the_runs_and_at_their_shift() -> None:
    store = RunStore()
    rows, verdict = padded.measured(store)
    plain, *moved = rows
    runs = [run for spec in seeds_of(padded.VALID) if (run := store.find(spec))]
    accuracies = [run.test_accuracy for run in runs]
    same, right = store.find(padded.SAME), store.robustness(padded.SAME.digest)
    assert same is not None
    assert f"{len(runs)} seeds" in plain[0]
    assert plain[1:] == (
        f"{min(accuracies):.4f} to {max(accuracies):.4f}",
        f"{same.test_accuracy:.4f}",
    )
    assert [row[2] for row in moved] == [
        f"{right['right'][SHIFTS.index(pixels)]:.4f}" for pixels in padded.MOVED
    ]
    assert padded.against_chance(same.test_accuracy, accuracies) in verdict


def test_without_runs_it_is_said_what_is_missing(tmp_path: Path) -> None:
    rows, verdict = padded.measured(RunStore(tmp_path, shipped=None))
    assert rows == []
    assert "missing from assets/runs" in verdict
