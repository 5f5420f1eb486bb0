"""What a training costs: memory counted as Keras counts it, time judged by a run like it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lesson.estimate import estimate, memory, told
from lesson.keras_models import build_model, optimizer
from lesson.results import Summary
from lesson.runs import RunStore
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, NOTEBOOK_RUNS, OPTIMIZERS, RunSpec, feedforward

SPEC = RunSpec(FEEDFORWARD)


def ran(spec: RunSpec, seconds: float) -> Summary:
    return Summary(spec, 0.1, 0.97, seconds, seconds / spec.epochs, True)


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("network", [FEEDFORWARD, CNN_2])
def test_memory_counts_what_keras_keeps(kind: str, network: object) -> None:
    spec = RunSpec(network, optimizer=kind, batch_size=32)  # type: ignore[arg-type]
    model, kept = build_model(spec.network), optimizer(spec)
    kept.build(model.trainable_variables)
    own = {id(kept.iterations), id(kept.learning_rate)}
    slots = sum(
        int(np.prod(variable.shape)) for variable in kept.variables if id(variable) not in own
    )
    passed_on = 28 * 28 + sum(int(np.prod(layer.output.shape[1:])) for layer in model.layers)
    need = memory(spec)
    assert need.numbers == 2 * model.count_params() + slots + 32 * passed_on
    assert need.arithmetic.endswith(f"= {need.numbers:,} numbers of 4 bytes")


def test_without_a_finished_run_there_is_no_estimate() -> None:
    assert estimate(SPEC, []) is None


def test_a_run_with_another_seed_takes_as_long() -> None:
    found = estimate(replace(SPEC, seed=7), [ran(SPEC, 5.0)])
    assert found
    assert found.seconds == 5.0


def test_the_same_network_is_judged_by_before_a_network_that_is_nearer_in_work() -> None:
    same = ran(replace(SPEC, batch_size=2048), 3.0)
    near = ran(RunSpec(feedforward((128, 24))), 4.0)
    found = estimate(SPEC, [near, same])
    assert found
    assert found.judged_by is same


def test_another_network_is_judged_by_the_nearest_in_multiplications_and_batch_size() -> None:
    runs = [ran(run, 9.0) for run in NOTEBOOK_RUNS.values()]
    found = estimate(RunSpec(feedforward((64,))), runs)
    assert found
    assert found.judged_by.spec == NOTEBOOK_RUNS["Feedforward"]
    filters = replace(CNN_1.layers[0], filters=24)  # type: ignore[type-var]
    found = estimate(RunSpec(replace(CNN_1, layers=(filters, *CNN_1.layers[1:]))), runs)
    assert found
    assert found.judged_by.spec == NOTEBOOK_RUNS["CNN 1"]


def test_a_run_on_this_machine_is_preferred() -> None:
    there, here = ran(SPEC, 5.0), ran(replace(SPEC, epochs=1), 9.0)
    found = estimate(replace(SPEC, epochs=3), [there, here], {here.spec.digest})
    assert found
    assert found.judged_by is here
    assert found.seconds > 9.0


def test_time_grows_with_the_work_but_a_small_run_is_not_free() -> None:
    runs = [ran(SPEC, 5.0)]

    def seconds(**changed: object) -> float:
        found = estimate(replace(SPEC, **changed), runs)  # type: ignore[arg-type]
        assert found
        return found.seconds

    assert 5.0 < seconds(epochs=10) < 10.0
    assert seconds(training_digits=100) > 0.3  # a sixhundredth of the digits
    assert seconds(batch_size=16) > 2 * seconds(batch_size=256)


def test_the_shipped_runs_are_foretold_by_each_other(tmp_path: Path) -> None:
    runs = RunStore(tmp_path).summaries()  # and none that another test has left
    for run in runs:
        found = estimate(run.spec, [other for other in runs if other is not run])
        assert found
        # They were made on a machine that was busy with other work, now more and now less.
        assert 1 / 4 < found.seconds / run.seconds < 4, run.spec


def test_an_estimate_names_the_run_and_the_machine() -> None:
    found = estimate(replace(SPEC, epochs=10), [ran(SPEC, 5.0)])
    assert found
    text = told(replace(SPEC, epochs=10), found, "Feedforward", here=True)
    assert text == "about 9 s, judging by «Feedforward» (5.0 s, for 0.5 times the multiplications)"
    assert "5.0 s on the machine that made it" in told(SPEC, found, "Feedforward", here=False)
