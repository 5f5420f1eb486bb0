"""What pooling and padding are worth, told from runs that are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from lesson import brief, worth
from lesson.layers import Conv2D, MaxPooling2D
from lesson.runs import RunStore
from lesson.shipped import seeds_of
from lesson.specs import CNN_1, NOTEBOOK_RUNS, SHIFTS

PLAIN = worth.Tried("max pooling", NOTEBOOK_RUNS["CNN 1"], (0.980, 0.984), (0.75, 0.77), 2.0)


def variant(name: str, accuracies: tuple[float, ...], moved: tuple[float, ...]) -> worth.Tried:
    return worth.Tried(name, worth.VARIANTS[name], accuracies, moved, 2.0)


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
        variant("average pooling", (0.981, 0.983), (0.60, 0.61)),
        variant("no pooling", (0.986, 0.987), (0.76, 0.765)),
    ]
    same, larger = worth.verdict(rows).splitlines()
    assert same == (
        "- **average pooling**: as many parameters; accuracy within chance; "
        "moved digits 15.5 points less, beyond chance."
    )
    assert "3.99 times the parameters" in larger
    assert "accuracy 0.4 points more, beyond chance" in larger
    assert "moved digits within chance" in larger


def test_runs_from_the_store_and_from_what_ships_in_brief_come_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(tmp_path / "empty")
    average = worth.VARIANTS["average pooling"]
    moved = {"right": [0.5] * len(SHIFTS)}
    known = {
        spec.digest: brief.Brief(0.9 + n / 100, 0.1, 10.0, 2.0, moved)
        for n, spec in enumerate(seeds_of(average)[1:])
    }
    monkeypatch.setattr(brief, "shipped", lambda: known)
    rows = {row.name: row for row in worth.tried(store)}
    own = store.summary(average)
    assert own is not None
    assert rows["average pooling"].accuracies[0] == pytest.approx(own.test_accuracy, abs=1e-6)
    assert rows["average pooling"].accuracies[1:] == pytest.approx((0.9, 0.91, 0.92, 0.93))
    assert rows["average pooling"].moved[-1] == 0.5
    assert len(rows["max pooling"].accuracies) == 5
    nothing = RunStore(tmp_path / "nothing", shipped=None)
    monkeypatch.setattr(brief, "shipped", dict)
    assert worth.tried(nothing) == []
