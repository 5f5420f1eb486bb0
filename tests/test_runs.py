"""The store of runs: what is kept comes back, and what is damaged is never trusted."""

from __future__ import annotations

import errno
import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lesson import mnist
from lesson.evaluation import accuracy, cross_entropy
from lesson.layers import Dense, Flatten
from lesson.results import Run
from lesson.run_files import StoreError, read_run
from lesson.runs import ENVIRONMENT_VARIABLE, RunStore, default_folder
from lesson.specs import LEVELS, SHIFTS, NetworkSpec, RunSpec

SMALL = NetworkSpec((Flatten(), Dense(10, "softmax")))


def made_up_run(seed: int = 1) -> Run:
    """A run with random answers: the store must not care how good they are."""
    generator = np.random.default_rng(seed)
    probabilities = generator.random((10_000, 10), dtype=np.float32)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = mnist.load().y_test
    return Run(
        spec=RunSpec(SMALL, epochs=2, seed=seed),
        history={"loss": [2.0, float("nan")], "accuracy": [0.1, 0.2]},
        test_loss=cross_entropy(labels, probabilities),
        test_accuracy=accuracy(labels, probabilities),
        test_probabilities=probabilities,
        epoch_seconds=[0.5, 0.25],
        seconds=0.75,
        versions={"keras": "3"},
        machine={"cores": "2"},
        weights=(generator.random((784, 10), dtype=np.float32), np.zeros(10, dtype=np.float32)),
        keras_file=b"a network",
    )


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs", shipped=None)


def fresh(store: RunStore) -> RunStore:
    """Another server on the same folder."""
    return RunStore(store.folder, shipped=store.shipped)


def leftovers(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if p.name.endswith(".partial")]


def test_a_saved_run_comes_back_equal(store: RunStore) -> None:
    run = made_up_run()
    store.save(run)
    back = fresh(store).find(run.spec)
    assert back is not None
    assert back.spec == run.spec
    assert back.weights is not None
    assert run.weights is not None
    for kept, original in zip(back.weights, run.weights, strict=True):
        np.testing.assert_array_equal(kept, original)
    np.testing.assert_array_equal(back.test_probabilities, run.test_probabilities)
    assert back.test_accuracy == run.test_accuracy
    assert back.epoch_seconds == run.epoch_seconds
    assert back.history["accuracy"] == [0.1, 0.2]
    assert back.history["loss"][0] == 2.0
    assert np.isnan(back.history["loss"][1])
    assert fresh(store).keras_file(run.digest) == b"a network"
    assert back.confusion.sum() == 10_000
    assert leftovers(store.folder) == []


def test_what_is_stored_is_plain_json_and_arrays_without_pickle(store: RunStore) -> None:
    run = made_up_run()
    store.save(run)
    place = store.folder / run.digest
    assert {p.name for p in place.iterdir()} == {
        "spec.json", "results.json", "arrays.npz", "network.keras", "manifest.json",
    }  # fmt: skip
    results = json.loads((place / "results.json").read_text(), parse_constant=pytest.fail)
    assert results["history"]["loss"] == [2.0, None]
    with np.load(place / "arrays.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype == np.float32 for name in arrays.files)


def test_a_run_may_be_kept_as_results_only(store: RunStore) -> None:
    run = made_up_run()
    store.save(run, with_network=False)
    back = fresh(store).find(run.spec)
    assert back is not None
    assert back.weights is None
    assert fresh(store).keras_file(run.digest) is None
    assert [s.has_network for s in fresh(store).summaries()] == [False]


def test_stored_arrays_cannot_be_changed_by_one_reader_for_all(store: RunStore) -> None:
    run = made_up_run()
    store.save(run)
    back = store.find(run.spec)
    assert back is not None
    assert back.weights is not None
    with pytest.raises(ValueError, match="read-only"):
        back.weights[0][0, 0] = 1


def test_an_unknown_run_is_not_found(store: RunStore) -> None:
    assert store.find(RunSpec(SMALL)) is None
    assert store.summaries() == []
    assert store.robustness(RunSpec(SMALL).digest) == {}


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 20, "0" * 19, "0" * 20 + "/x"])
def test_a_name_that_is_no_digest_reaches_no_file(store: RunStore, name: str) -> None:
    with pytest.raises(StoreError, match="20 hexadecimal digits"):
        store.load(name)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    path.write_bytes(os.urandom(500))


def remove(path: Path) -> None:
    path.unlink()


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [cut_off, empty, garbage, remove, folder_instead])
@pytest.mark.parametrize(
    "name", ["spec.json", "results.json", "arrays.npz", "network.keras", "manifest.json"]
)
def test_a_damaged_run_is_set_aside_and_can_be_saved_anew(
    store: RunStore, name: str, damage: Callable[[Path], None]
) -> None:
    run = made_up_run()
    store.save(run)
    damage(store.folder / run.digest / name)
    other = fresh(store)
    assert other.find(run.spec) is None
    assert not (store.folder / run.digest).exists()
    assert any(p.name.startswith(".set-aside-") for p in store.folder.iterdir())
    assert len(other.warnings) == 1
    assert "trained anew" in other.warnings[0]
    other.save(run)
    assert fresh(store).find(run.spec) is not None


def reseal(place: Path) -> None:
    """Make the manifest agree with the files again, as a careful forger would."""
    import hashlib

    manifest = json.loads((place / "manifest.json").read_text())
    for name in manifest["sha256"]:
        manifest["sha256"][name] = hashlib.sha256((place / name).read_bytes()).hexdigest()
    (place / "manifest.json").write_text(json.dumps(manifest))


def test_a_better_accuracy_written_into_the_results_is_not_believed(store: RunStore) -> None:
    run = made_up_run()
    store.save(run)
    place = store.folder / run.digest
    results = json.loads((place / "results.json").read_text())
    results["test_accuracy"] = 0.999
    (place / "results.json").write_text(json.dumps(results))
    reseal(place)
    other = fresh(store)
    assert other.find(run.spec) is None
    assert "accuracy" in other.warnings[0]


def test_another_runs_folder_under_this_name_is_not_believed(store: RunStore) -> None:
    run, other_run = made_up_run(1), made_up_run(2)
    store.save(run)
    store.save(other_run)
    shutil.rmtree(store.folder / run.digest)
    shutil.copytree(store.folder / other_run.digest, store.folder / run.digest)
    other = fresh(store)
    assert other.find(run.spec) is None
    assert other_run.digest in other.warnings[0]
    assert other.find(other_run.spec) is not None


def test_pickled_objects_in_the_arrays_are_not_loaded(store: RunStore) -> None:
    run = made_up_run()
    store.save(run)
    place = store.folder / run.digest
    np.savez(place / "arrays.npz", test_probabilities=np.array([{"a": 1}], dtype=object))
    reseal(place)
    other = fresh(store)
    assert other.find(run.spec) is None
    assert "ValueError" in other.warnings[0]


def test_weights_that_do_not_fit_the_network_are_not_believed(store: RunStore) -> None:
    run = replace(made_up_run(), weights=(np.zeros((3, 3), np.float32), np.zeros(3, np.float32)))
    store.save(run)
    other = fresh(store)
    assert other.find(run.spec) is None
    assert "do not fit" in other.warnings[0]


def test_an_older_format_is_set_aside(store: RunStore) -> None:
    run = made_up_run()
    store.save(run)
    path = store.folder / run.digest / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "format": 0}))
    other = fresh(store)
    assert other.find(run.spec) is None
    assert "another format" in other.warnings[0]


def test_a_manifest_that_names_files_elsewhere_reads_none_of_them(store: RunStore) -> None:
    run = made_up_run()
    store.save(run)
    path = store.folder / run.digest / "manifest.json"
    path.write_text(json.dumps({"format": 1, "sha256": {"../../secret": "0" * 64}}))
    with pytest.raises(StoreError, match="outside the folder"):
        read_run(store.folder / run.digest)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(spec=JSON, results=JSON)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_json_in_a_runs_files_gives_a_sentence(
    store: RunStore, spec: object, results: object
) -> None:
    run = made_up_run()
    store.save(run)
    place = store.folder / run.digest
    (place / "results.json").write_text(json.dumps(results))
    reseal(place)
    with pytest.raises(StoreError):
        read_run(place)
    (place / "spec.json").write_text(json.dumps(spec))
    reseal(place)
    with pytest.raises(StoreError):
        read_run(place)
    assert fresh(store).summaries() == []


def test_a_full_or_read_only_disk_keeps_the_run_in_memory_and_says_so(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    run = made_up_run()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        store.save(run)
    assert store.find(run.spec) is run
    assert "No space left on device" in store.warnings[0]
    assert ENVIRONMENT_VARIABLE in store.warnings[0]
    assert store.keras_file(run.digest) == b"a network"
    assert [s.spec for s in store.summaries()] == [run.spec]
    assert leftovers(store.folder) == []
    store.save(run)
    assert fresh(store).find(run.spec) is not None


def test_two_servers_may_save_the_same_run_at_once(store: RunStore) -> None:
    run, stores = made_up_run(), [fresh(store) for _ in range(6)]
    threads = [threading.Thread(target=one.save, args=(run,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.warnings for one in stores] == [[]] * 6
    assert fresh(store).find(run.spec) is not None
    assert [p.name for p in store.folder.iterdir()] == [run.digest]


def test_what_a_stopped_server_left_is_swept_but_not_what_is_being_written(store: RunStore) -> None:
    store.folder.mkdir()
    old, new = store.folder / ".a.partial", store.folder / ".b.partial"
    for place in (old, new):
        place.mkdir()
        (place / "spec.json").write_text("{}")
    two_hours_ago = time.time() - 7200
    os.utime(old, (two_hours_ago, two_hours_ago))
    fresh(store)
    assert not old.exists()
    assert new.exists()
    assert fresh(store).summaries() == []


def test_shipped_runs_are_found_but_never_moved(tmp_path: Path, store: RunStore) -> None:
    run = made_up_run()
    store.save(run)
    reader = RunStore(tmp_path / "own", shipped=store.folder)
    assert reader.find(run.spec) is not None
    assert len(reader.summaries()) == 1
    cut_off(store.folder / run.digest / "arrays.npz")
    reader = RunStore(tmp_path / "own", shipped=store.folder)
    assert reader.find(run.spec) is None
    assert (store.folder / run.digest).exists()
    reader.save(run)
    assert reader.find(run.spec) is not None


def test_accuracy_on_changed_digits_is_kept_beside_the_run(store: RunStore) -> None:
    digest = made_up_run().digest
    values = {kind: [0.5] * len(levels) for kind, levels in LEVELS.items()}
    store.save_robustness(digest, values)
    assert fresh(store).robustness(digest) == values
    assert leftovers(store.folder) == []


def test_what_ships_and_what_was_measured_here_are_put_together(
    tmp_path: Path, store: RunStore
) -> None:
    digest = made_up_run().digest
    old, new = [0.25] * len(SHIFTS), [0.5] * len(SHIFTS)
    store.save_robustness(digest, {"right": old, "down": old})
    own = RunStore(tmp_path / "own", shipped=store.folder)
    own.save_robustness(digest, {"down": new})
    assert own.robustness(digest) == {"right": old, "down": new}
    assert store.robustness(digest) == {"right": old, "down": old}


def test_kinds_that_are_not_known_here_are_left_out(store: RunStore) -> None:
    digest = made_up_run().digest
    store.save_robustness(digest, {"right": [0.5] * len(SHIFTS), "upside_down": [0.5]})
    assert store.robustness(digest) == {"right": [0.5] * len(SHIFTS)}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "null",
        "[]",
        "\0\0",
        '{"run": "DIGEST"}',
        '{"run": "another", "accuracy": {"blur": [1, 1, 1, 1, 1, 1, 1]}}',
        '{"run": "DIGEST", "accuracy": {}}',
        '{"run": "DIGEST", "accuracy": {"blur": [1, 1]}}',
        '{"run": "DIGEST", "accuracy": {"blur": [1, 1, 1, 1, 1, 1, 2]}}',
        '{"run": "DIGEST", "accuracy": {"blur": [1, 1, 1, 1, 1, 1, NaN]}}',
        '{"run": "DIGEST", "accuracy": {"blur": "abc"}}',
    ],
)
def test_a_damaged_measurement_is_set_aside(store: RunStore, content: str) -> None:
    digest = made_up_run().digest
    store.folder.mkdir()
    path = store.folder / f"{digest}.robustness.json"
    path.write_text(content.replace("DIGEST", digest))
    assert store.robustness(digest) == {}
    assert not path.exists()


def test_the_folder_is_named_by_the_environment_or_lies_in_the_users_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "here"))
    assert default_folder() == tmp_path / "here"
    monkeypatch.delenv(ENVIRONMENT_VARIABLE)
    assert default_folder().parts[-2:] == ("cnn-classroom", "runs")
