"""Runs of which only the numbers ship: written, read, looked up, and damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lesson import brief
from lesson.brief import Brief
from lesson.run_files import StoreError
from lesson.runs import RunStore
from lesson.specs import FEEDFORWARD, NOTEBOOK_RUNS, SHIFTS, RunSpec

SPEC = RunSpec(FEEDFORWARD, training_digits=100, seed=5)
KNOWN = Brief(0.7, 1.2, 3.0, 0.1, {"right": [0.5] * len(SHIFTS)})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    plain = Brief(0.5, 1.0, 2.0, 0.2, {})
    brief.write({SPEC.digest: KNOWN, "b" * 20: plain}, path)
    assert brief.read(path) == {SPEC.digest: KNOWN, "b" * 20: plain}
    assert [entry.name for entry in tmp_path.iterdir()] == ["results.json"]
    assert len(path.read_text().splitlines()) == 4  # one a line: a change can be read


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert brief.read(tmp_path / "none.json") == {}


ENTRY = {"test_accuracy": 0.5, "test_loss": 1.0, "seconds": 1.0, "epoch_seconds": 1.0}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"a": 1}',
        "[" * 5000,
        json.dumps({"a": ENTRY}),
        json.dumps({"a": ENTRY | {"robustness": {"right": [0.5]}}}),
        json.dumps({"a": ENTRY | {"robustness": {"right": [5.0] * len(SHIFTS)}}}),
        json.dumps({"a": ENTRY | {"test_accuracy": None, "robustness": {}}}),
    ],
)
def test_a_damaged_file_gets_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(StoreError):
        brief.read(path)


def test_a_run_is_looked_up_in_the_store_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(tmp_path / "empty")
    spec = NOTEBOOK_RUNS["Feedforward"]
    monkeypatch.setattr(brief, "shipped", lambda: {spec.digest: KNOWN, SPEC.digest: KNOWN})
    run, found = store.summary(spec), brief.look_up(spec, store)
    assert run is not None
    assert found is not None
    assert found.test_accuracy == pytest.approx(run.test_accuracy, abs=1e-6)
    assert brief.look_up(SPEC, store) == KNOWN
    assert brief.look_up(RunSpec(FEEDFORWARD, seed=99), store) is None
    (summary,) = brief.summaries((SPEC, RunSpec(FEEDFORWARD, seed=99)))
    assert (summary.spec, summary.test_accuracy, summary.has_network) == (SPEC, 0.7, False)
