"""What padding cost and gave is read off the two networks and their runs."""

from __future__ import annotations

import pytest

from lesson import chance, padded, worth


def tried(name: str, accuracy: float, seeds: int) -> worth.Tried:
    """A variant that reached about this accuracy with each of so many seeds."""
    reached = tuple(accuracy + n / 10_000 for n in range(seeds))
    return worth.Tried(
        name, worth.VARIANTS[name], reached, tuple(each - 0.2 for each in reached), 2.0
    )


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


def test_what_padding_gave_is_judged_by_the_seeds_of_both() -> None:
    found = [tried(padded.WITH, 0.99, 5), tried(padded.WITHOUT, 0.98, 5)]
    rows, verdict = padded.measured(found)
    assert rows == [
        ("Seeds", "5", "5"),
        ("Test accuracy", *(worth.between(row.accuracies) for row in reversed(found))),
        ("… moved right by 3", *(worth.between(row.moved) for row in reversed(found))),
    ]
    assert "accuracy: 1.00 points more, beyond chance" in verdict
    assert "moved by 3 pixels: 1.00 points more, beyond chance" in verdict
    assert chance.MEANING in verdict
    _, verdict = padded.measured([tried(padded.WITH, 0.98, 5), tried(padded.WITHOUT, 0.98, 5)])
    assert verdict.endswith("accuracy: within chance; digits moved by 3 pixels: within chance.")


def test_of_one_seed_nothing_is_claimed() -> None:
    rows, verdict = padded.measured([tried(padded.WITHOUT, 0.98, 5), tried(padded.WITH, 0.99, 1)])
    assert rows[0] == ("Seeds", "5", "1")
    assert rows[1][2] == "99.00%"
    assert verdict == (
        "Whether it gave anything is not known: too few seeds to say (5 without it, 1 with it)."
    )


@pytest.mark.parametrize("missing", [padded.WITH, padded.WITHOUT])
def test_without_runs_it_is_said_what_is_missing(missing: str) -> None:
    names = {padded.WITH, padded.WITHOUT} - {missing}
    rows, verdict = padded.measured([tried(name, 0.98, 5) for name in names])
    assert rows == []
    assert "missing from assets" in verdict
