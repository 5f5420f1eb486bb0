"""What pooling and padding are worth, told from runs that are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from lesson import brief, chance, worth
from lesson.layers import Conv2D, MaxPooling2D
from lesson.runs import RunStore
from lesson.shipped import seeds_of
from lesson.specs import CNN_1, NOTEBOOK_RUNS, SHIFTS

PLAIN = worth.Tried(
    "max pooling", NOTEBOOK_RUNS["CNN 1"], (0.980, 0.982, 0.984), (0.75, 0.76, 0.77), 2.0
)

# Accuracies on 10,000 digits.


def variant(name: str, accuracies: tuple[float, ...], moved: tuple[float, ...]) -> worth.Tried:
    return worth.Tried(name, worth.VARIANTS[name], accuracies, moved, 2.0)


def in_brief(name: str, first: float) -> dict[str, brief.Brief]:
    """A variant as it ships in brief: with five seeds, the accuracies a hundredth point apart."""
    return {
        spec.digest: brief.Brief(
            first + n / 10_000, 0.1, 10.0, 2.0, {"right": [first - 0.1 + n / 10_000] * len(SHIFTS)}
        )
        for n, spec in enumerate(seeds_of(worth.VARIANTS[name]))
    }


def test_each_variant_is_cnn_1_with_one_thing_changed() -> None:
    first, *others = worth.VARIANTS.values()
    assert first == NOTEBOOK_RUNS["CNN 1"]
    for run in others:
        assert run.network.layers[-3:] == CNN_1.layers[-3:]
        assert (run.batch_size, run.epochs, run.seed) == (256, 5, 42)
    strided = worth.VARIANTS["strides of 2, no pooling"].network
    assert not any(isinstance(layer, MaxPooling2D) for layer in strided.layers)
    assert isinstance(strided.layers[0], Conv2D)
    assert strided.shapes[1] == CNN_1.shapes[2] == (13, 13, 16)
    assert strided.parameters == CNN_1.parameters


def test_the_verdict_tells_chance_from_more() -> None:
    rows = [
        PLAIN,
        variant("average pooling", (0.981, 0.982, 0.983), (0.60, 0.605, 0.61)),
        variant("no pooling", (0.985, 0.986, 0.987), (0.76, 0.762, 0.764)),
    ]
    same, larger = worth.verdict(rows).splitlines()
    assert same == (
        "- **average pooling**: as many parameters; accuracy: within chance; "
        "digits moved by 3 pixels: 15.50 points less, beyond chance."
    )
    assert "3.99 times the parameters" in larger
    assert "accuracy: 0.40 points more, beyond chance" in larger
    assert "digits moved by 3 pixels: within chance" in larger


@pytest.mark.parametrize("ours", [(0.99,), (0.99, 0.98)])
def test_of_fewer_than_three_seeds_on_either_side_nothing_is_claimed(
    ours: tuple[float, ...],
) -> None:
    assert chance.against(ours, PLAIN.accuracies) == chance.TOO_FEW
    assert chance.against(PLAIN.accuracies, ours) == chance.TOO_FEW
    row = variant("no pooling", ours, ours)
    assert worth.verdict([PLAIN, row]).endswith("times the parameters; too few seeds to say.")
    # Either can be known without the other.
    told = worth.told(variant("no pooling", PLAIN.accuracies, ours), PLAIN)
    assert told == "accuracy: within chance; digits moved by 3 pixels: too few seeds to say"


def test_runs_from_the_store_and_from_what_ships_in_brief_come_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(tmp_path / "empty")
    average = worth.VARIANTS["average pooling"]
    monkeypatch.setattr(brief, "shipped", lambda: in_brief("average pooling", 0.9))
    rows = {row.name: row for row in worth.tried(store)}
    own = store.summary(average)
    assert own is not None
    assert rows["average pooling"].accuracies[0] == pytest.approx(own.test_accuracy, abs=1e-6)
    assert rows["average pooling"].accuracies[1:] == pytest.approx((0.9001, 0.9002, 0.9003, 0.9004))
    assert rows["average pooling"].moved[-1] == pytest.approx(0.8004)
    assert len(rows["max pooling"].accuracies) == 5
    nothing = RunStore(tmp_path / "nothing", shipped=None)
    monkeypatch.setattr(brief, "shipped", dict)
    assert worth.tried(nothing) == []
