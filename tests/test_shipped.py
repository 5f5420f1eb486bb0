"""The runs that ship: all there, whole, and what this program gives again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lesson import ASSETS, brief, hunger, network, presets, robustness, runs, shipped, training
from lesson.layers import Dense, Flatten
from lesson.mnist import load, prepare
from lesson.results import Run
from lesson.runs import SHIPPED, RunStore
from lesson.shipped import (
    FEEDFORWARD_PAGE,
    INSIDE_PAGE,
    LAYER_VARIANTS,
    SEEDS,
    VARIANTS,
    all_runs,
    in_brief,
    measured_kinds,
    seeds_of,
    with_network,
)
from lesson.specs import (
    CNN_1,
    CNN_2,
    FEEDFORWARD,
    LEVELS,
    NOTEBOOK_RUNS,
    SHIFTS,
    NetworkSpec,
    RunSpec,
)

Find = Callable[[RunSpec], Run]
NAMES = {
    **{
        spec.digest: f"{name}, seed {spec.seed}"
        for name, run in NOTEBOOK_RUNS.items()
        for spec in seeds_of(run)
    },
    **{preset.spec.digest: name for name, preset in presets.PRESETS.items()},
    **{spec.digest: name for name, spec in VARIANTS.items()},
    FEEDFORWARD_PAGE.digest: "feedforward page",
    INSIDE_PAGE.digest: "inside page",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    """A reader's store that is still empty, with the shipped runs beside it."""
    return RunStore(tmp_path_factory.mktemp("runs") / "empty")


@pytest.fixture
def find(store: RunStore) -> Find:
    def found(spec: RunSpec) -> Run:
        run = store.find(spec)
        assert run is not None, (
            f"assets/runs lacks {NAMES[spec.digest]} ({spec.digest}): "
            f"python -m lesson.shipped --missing trains it"
        )
        return run

    return found


# Which runs they are


def test_each_run_ships_once_and_can_be_trained() -> None:
    every = all_runs()
    assert len({run.digest for run in every}) == len(every) == len(NAMES)
    assert [run.problem for run in every] == [None] * len(every)
    assert set(NOTEBOOK_RUNS.values()) <= set(with_network()) <= set(every)
    assert {FEEDFORWARD_PAGE, INSIDE_PAGE} <= set(with_network())


def test_five_seeds_of_each_notebook_run_ship_the_notebooks_own_among_them() -> None:
    assert len(set(SEEDS)) == 5
    for run in NOTEBOOK_RUNS.values():
        again = seeds_of(run)
        assert run in again
        assert [other.seed for other in again] == list(SEEDS)
        assert len({(other.network, other.batch_size, other.epochs) for other in again}) == 1
        assert set(again) <= set(all_runs())


def test_the_variants_are_those_that_the_pages_speak_of() -> None:
    assert set(VARIANTS) == {
        *("unscaled", "too_small", "overfitted"),
        *("same_padding", "no_pooling", "average_pooling", "strided"),
    }
    assert LAYER_VARIANTS.items() <= VARIANTS.items()
    assert VARIANTS["unscaled"].network == FEEDFORWARD
    assert not VARIANTS["unscaled"].scaled
    assert VARIANTS["too_small"].network.parameters < FEEDFORWARD.parameters / 10
    assert VARIANTS["overfitted"].training_digits == 1000
    for name in LAYER_VARIANTS:
        run, plain = VARIANTS[name], NOTEBOOK_RUNS["CNN 1"]
        assert (run.batch_size, run.epochs, run.seed) == (
            plain.batch_size,
            plain.epochs,
            plain.seed,
        )
        assert run.network.layers[-3:] == CNN_1.layers[-3:]
    shapes = {name: run.network.shapes for name, run in VARIANTS.items()}
    assert shapes["same_padding"][1] == (28, 28, 16)
    assert shapes["no_pooling"][2] == (26 * 26 * 16,)
    assert shapes["average_pooling"][1:] == CNN_1.shapes[1:]
    assert VARIANTS["average_pooling"].network.parameters == CNN_1.parameters


def test_what_ships_in_brief_is_what_is_told_of_together() -> None:
    small, seeds = (
        set(hunger.small_runs()),
        {s for v in LAYER_VARIANTS.values() for s in seeds_of(v)},
    )
    every = in_brief()
    assert len({spec.digest for spec in every}) == len(every)
    assert set(every) | set(all_runs()) >= small | seeds
    assert not set(every) & set(all_runs())
    assert set(every) <= small | seeds


# What ships


@pytest.mark.parametrize("spec", all_runs(), ids=lambda spec: NAMES[spec.digest])
def test_a_shipped_run_is_whole(spec: RunSpec, find: Find, store: RunStore) -> None:
    run = find(spec)
    assert run.spec == spec
    assert store.warnings == []
    assert len(run.epoch_seconds) == spec.epochs
    assert all(len(values) == spec.epochs for values in run.history.values())
    assert run.versions["keras"]
    has_network = spec in with_network()
    assert (run.weights is not None) == has_network
    assert (store.keras_file(spec.digest) is not None) == has_network

    known = store.robustness(spec.digest)
    assert set(known) >= set(measured_kinds(spec)), f"assets/runs lacks a part of {spec.digest}"
    for kind in measured_kinds(spec):
        at_rest = LEVELS[kind].index(robustness.WAYS[kind].rest)
        assert known[kind][at_rest] == pytest.approx(run.test_accuracy, abs=1e-9), kind


@pytest.mark.parametrize("spec", all_runs(), ids=lambda spec: NAMES[spec.digest])
def test_what_the_first_layer_learned_ends_at_its_weights(spec: RunSpec, find: Find) -> None:
    run = find(spec)
    assert run.learned is not None
    assert len(run.learned) == spec.epochs + 1
    first = training.initial_weights(spec)[0]
    units = run.learned.shape[-1]
    np.testing.assert_allclose(run.learned[0], first[..., :units], atol=1e-3)
    if run.weights is not None:
        np.testing.assert_allclose(run.learned[-1], run.weights[0][..., :units], atol=2e-3)


@pytest.mark.parametrize("name", NOTEBOOK_RUNS)
def test_moved_digits_were_measured_on_the_network_that_ships(
    name: str, find: Find, store: RunStore
) -> None:
    """Three pixels to the right, once more, on a tenth of the digits."""
    spec = NOTEBOOK_RUNS[name]
    digits = load()
    images = prepare(digits.x_test[:1000], spec.scaled)
    shifted = np.zeros_like(images)
    shifted[:, :, 3:] = images[:, :, :-3]
    answers = network.predict(spec.network, find(spec).weights or (), shifted)
    here = float(np.mean(answers.argmax(axis=1) == digits.y_test[:1000]))
    known = store.robustness(spec.digest)["right"][SHIFTS.index(3)]
    assert known == pytest.approx(here, abs=0.06)


def test_nothing_else_ships_and_all_of_it_is_small() -> None:
    digests = {spec.digest for spec in all_runs()}
    assert {path.name for path in SHIPPED.iterdir()} == {
        name for digest in digests for name in (digest, f"{digest}.robustness.json")
    }
    size = sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file())
    assert size < 30_000_000


def test_the_notebooks_networks_reach_what_such_networks_reach(find: Find) -> None:
    for name, least in (("Feedforward", 0.96), ("CNN 1", 0.975), ("CNN 2", 0.975)):
        for spec in seeds_of(NOTEBOOK_RUNS[name]):
            assert least < find(spec).test_accuracy < 0.995


def test_each_variant_shows_what_it_is_shown_for(find: Find) -> None:
    feedforward = find(NOTEBOOK_RUNS["Feedforward"])
    assert find(VARIANTS["unscaled"]).test_accuracy < feedforward.test_accuracy
    too_small = find(VARIANTS["too_small"])
    assert too_small.history["accuracy"][-1] < feedforward.history["accuracy"][-1] - 0.05
    overfitted = find(VARIANTS["overfitted"]).history
    assert overfitted["accuracy"][-1] == pytest.approx(1, abs=1e-3)
    assert overfitted["val_accuracy"][-1] < 0.93
    assert overfitted["val_loss"][-1] > 1.1 * min(overfitted["val_loss"])


def test_a_shipped_run_trained_again_gives_its_numbers(find: Find) -> None:
    spec = NOTEBOOK_RUNS["Feedforward"]
    kept, again = find(spec), training.train(spec)
    # Another processor or another version adds up in another order.
    assert again.test_accuracy == pytest.approx(kept.test_accuracy, abs=0.003)
    assert again.test_loss == pytest.approx(kept.test_loss, abs=0.01)
    assert list(again.history["loss"]) == pytest.approx(list(kept.history["loss"]), abs=0.01)


def test_a_run_that_ships_in_brief_trained_again_gives_its_numbers() -> None:
    spec = hunger.spec("Feedforward", 100, 43)
    kept, again = brief.shipped()[spec.digest], training.train(spec)
    assert again.test_accuracy == pytest.approx(kept.test_accuracy, abs=0.005)
    assert again.test_loss == pytest.approx(kept.test_loss, abs=0.02)


def test_everything_that_is_told_in_brief_is_there() -> None:
    results = brief.read()
    assert set(results) == {spec.digest for spec in in_brief()}
    for spec in in_brief():
        assert set(results[spec.digest].robustness) == set(measured_kinds(spec))


# The command


SMALL = NetworkSpec((Flatten(), Dense(10, "softmax")))
FIRST, SECOND, THIRD = (
    RunSpec(SMALL, epochs=1, training_digits=200, seed=seed) for seed in (1, 2, 3)
)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[RunSpec]:
    """The command on two quick runs and a folder of its own; the runs that it trains."""
    done: list[RunSpec] = []

    def train(spec: RunSpec) -> Run:
        done.append(spec)
        return original(spec)

    def measure(answer: Any, pictures: Any, labels: Any, kinds: Any) -> dict[str, list[float]]:
        return measured(answer, pictures[:100], labels[:100], kinds)  # quicker

    def rmtree(path: Any, *arguments: Any, **named: Any) -> None:
        assert not Path(path).is_relative_to(ASSETS), "this test must not touch the real runs"
        remove(path, *arguments, **named)

    original, measured = training.train, robustness.measure
    remove = shutil.rmtree
    monkeypatch.setattr(shutil, "rmtree", rmtree)
    monkeypatch.setattr(training, "train", train)
    monkeypatch.setattr(robustness, "measure", measure)
    monkeypatch.setattr(runs, "SHIPPED", tmp_path)
    monkeypatch.setattr(shipped, "all_runs", lambda: (FIRST, SECOND))
    monkeypatch.setattr(shipped, "with_network", lambda: (FIRST,))
    monkeypatch.setattr(shipped, "in_brief", lambda: (THIRD,))
    monkeypatch.setattr(brief, "PATH", tmp_path / "results.json")
    monkeypatch.setattr(brief, "read", partial(brief.read, tmp_path / "results.json"))
    monkeypatch.setattr(brief, "write", partial(brief.write, path=tmp_path / "results.json"))
    return done


def run_command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["shipped", *arguments])
    shipped.main()


def test_the_command_trains_all_runs_and_with_missing_only_what_is_missing(
    trained: list[RunSpec],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_command(monkeypatch, "--missing")
    assert trained == [FIRST, SECOND, THIRD]
    store = RunStore(tmp_path, shipped=None)
    first, second = store.find(FIRST), store.find(SECOND)
    assert first is not None
    assert second is not None
    assert first.weights is not None
    assert second.weights is None
    said = capsys.readouterr().out
    assert set(store.robustness(FIRST.digest)) == set(LEVELS)
    assert set(store.robustness(SECOND.digest)) == {"right", "down"}
    assert set(brief.read()) == {THIRD.digest}
    assert all(f"{spec.digest}  " in said for spec in (FIRST, SECOND, THIRD))

    run_command(monkeypatch, "--missing")
    assert trained == [FIRST, SECOND, THIRD]
    assert capsys.readouterr().out == ""

    # What lacks a part of its measurement is measured again: with its network at once, else anew.
    for spec in (FIRST, SECOND):
        store.save_robustness(spec.digest, {"right": [0.5] * len(SHIFTS)})
    run_command(monkeypatch, "--missing")
    assert trained == [FIRST, SECOND, THIRD, SECOND]
    assert set(store.robustness(FIRST.digest)) == set(LEVELS)

    (tmp_path / FIRST.digest / "arrays.npz").write_bytes(b"damaged")
    trained.clear()
    run_command(monkeypatch, "--missing")
    assert trained == [FIRST]

    trained.clear()
    run_command(monkeypatch)
    assert trained == [FIRST, SECOND, THIRD]
    assert {path.name for path in tmp_path.iterdir()} == {
        *(FIRST.digest, f"{FIRST.digest}.robustness.json"),
        *(SECOND.digest, f"{SECOND.digest}.robustness.json"),
        "results.json",
    }


def test_cnn_2_ships_for_its_page_with_validation() -> None:
    assert INSIDE_PAGE.network == CNN_2
    assert FEEDFORWARD_PAGE.network == FEEDFORWARD
    assert INSIDE_PAGE.validation_split == FEEDFORWARD_PAGE.validation_split == 0.1
