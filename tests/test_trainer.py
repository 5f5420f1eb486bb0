"""Training on Dask: once for all who ask, cancelled at once, alive after a worker's death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from lesson import evaluation, mnist, network, robustness, trainer
from lesson.checks import SpecError
from lesson.layers import Dense, Flatten
from lesson.runs import RunStore
from lesson.specs import LEVELS, NetworkSpec, RunSpec
from lesson.trainer import CANCELLED, FAILED, FINISHED, Job, Trainer

ROOT = Path(__file__).resolve().parent.parent
SMALL = NetworkSpec((Flatten(), Dense(10, "softmax")))


def quick(seed: int) -> RunSpec:
    return RunSpec(SMALL, epochs=2, training_digits=1000, batch_size=100, seed=seed)


def some_seconds(seed: int) -> RunSpec:
    """Long enough to be met in the midst of it."""
    return RunSpec(SMALL, epochs=8, training_digits=24_000, batch_size=256, seed=seed)


def endless(seed: int) -> RunSpec:
    """Long enough that it never ends by itself within a test."""
    wide = NetworkSpec((Flatten(), Dense(512, "relu"), Dense(512, "relu"), Dense(10, "softmax")))
    return RunSpec(wide, epochs=50, seed=seed)


def until(true: Callable[[], object], seconds: float = 200) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def finished(job: Job) -> None:
    until(lambda: job.done)
    assert job.state == FINISHED, job.message


def in_epochs(job: Job) -> Callable[[], object]:
    return lambda: job.progress and job.progress.stage == "training" and job.progress.batch > 0


def family() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and "dask" in " ".join(child.cmdline() or [])
    ]


def worker_process(own: Trainer) -> psutil.Process:
    """The process that trains: the child of the one that Dask's command started."""
    assert own._worker is not None
    for child in psutil.Process(own._worker.pid).children(recursive=True):
        if "spawn_main" in " ".join(child.cmdline()):
            return child
    raise AssertionError("no worker process")


@pytest.fixture(scope="module")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trainer]:
    own = Trainer(RunStore(tmp_path_factory.mktemp("trainer") / "runs", shipped=None))
    own.warm()
    yield own
    own.close()


def test_a_run_is_trained_and_kept_with_its_curve(classroom: Trainer) -> None:
    spec = quick(1)
    job = classroom.train(spec, "ada")
    finished(job)
    run = classroom.store.find(spec)
    assert run is not None
    assert 0.3 < run.test_accuracy < 0.95
    assert [p.epoch for p in job.points if p.epoch_end] == [1, 2]
    assert [p.accuracy for p in job.points if p.epoch_end] == list(run.history["accuracy"])
    assert run.weights is not None
    images = mnist.prepare(mnist.load().x_test)
    answers = network.predict(spec.network, run.weights, images)
    np.testing.assert_allclose(answers, run.test_probabilities, atol=1e-5)


def test_the_worker_keeps_its_memory(classroom: Trainer) -> None:
    finished(classroom.train(quick(1), "ada"))
    # Dask sets the first itself where nobody else has; a setting of the machine's own stays.
    expected = {name: os.environ.get(name, kept) for name, kept in trainer.KEEP_MEMORY.items()}
    assert expected.items() <= worker_process(classroom).environ().items()


def test_the_same_run_asked_for_by_two_readers_is_trained_once(classroom: Trainer) -> None:
    first = classroom.train(quick(2), "ada")
    second = classroom.train(quick(2), "ben")
    assert first is second
    assert set(first.readers) == {"ada", "ben"}
    finished(first)


def test_a_run_that_waits_knows_how_many_are_ahead(classroom: Trainer) -> None:
    running, waiting = classroom.train(endless(3), "ada"), classroom.train(quick(3), "ben")
    until(in_epochs(running))
    assert classroom.ahead(running) == 0
    assert classroom.ahead(waiting) == 1
    assert classroom.waited_for("ben") == [waiting]
    assert classroom.cancel(running, "ada")
    finished(waiting)


def test_a_cancelled_run_ends_leaves_nothing_and_makes_room(classroom: Trainer) -> None:
    job = classroom.train(endless(4), "ada")
    until(in_epochs(job))
    assert classroom.cancel(job, "ada")
    assert job.state == CANCELLED
    finished(classroom.train(quick(4), "ada"))
    assert classroom.store.find(endless(4)) is None
    assert [p.name for p in classroom.store.folder.iterdir() if p.name.startswith(".")] == []


def test_a_run_goes_on_for_others_when_one_reader_cancels(classroom: Trainer) -> None:
    job = classroom.train(endless(5), "ada")
    classroom.train(endless(5), "ben")
    until(lambda: classroom.job(endless(5), "ben") and in_epochs(job)())
    assert not classroom.cancel(job, "ada")
    assert not job.done
    assert classroom.cancel(job, "ben")
    assert job.done


def test_a_reader_who_has_gone_does_not_hold_a_run(
    classroom: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "READER_SECONDS", 0.1)
    job = classroom.train(endless(6), "gone")
    time.sleep(0.2)
    classroom.train(endless(6), "ada")
    assert classroom.cancel(job, "ada")


def test_a_run_can_be_asked_for_again_at_once_after_it_was_cancelled(classroom: Trainer) -> None:
    spec = some_seconds(7)
    job = classroom.train(spec, "ada")
    until(in_epochs(job))
    classroom.cancel(job, "ada")
    again = classroom.train(spec, "ben")
    assert again is not job
    finished(again)
    assert classroom.store.find(spec) is not None
    assert len(again.begun) == 1  # what the cancelled one told is not taken for a death
    assert again.points[0].epoch == 1


def test_a_killed_worker_is_replaced_and_the_run_begins_again(classroom: Trainer) -> None:
    spec = some_seconds(8)
    job = classroom.train(spec, "ada")
    until(in_epochs(job))
    worker_process(classroom).kill()
    finished(job)
    assert len(job.begun) == 2
    epochs = [p.epoch for p in job.points if p.epoch_end]
    assert epochs == list(range(1, spec.epochs + 1)), "the curve must begin again, not go on"


def test_when_worker_and_keeper_are_both_killed_the_run_begins_again(classroom: Trainer) -> None:
    spec = some_seconds(9)
    job = classroom.train(spec, "ada")
    until(in_epochs(job))
    for process in reversed(family()):
        process.kill()
    until(lambda: classroom.job(spec, "ada") and job.done)
    assert job.state == FINISHED, job.message


def test_accuracy_on_changed_digits_is_measured_by_the_worker(classroom: Trainer) -> None:
    spec = quick(10)
    finished(classroom.train(spec, "ada"))
    job = classroom.measure(spec, "ada")
    finished(job)
    run = classroom.store.find(spec)
    assert run is not None
    assert run.weights is not None
    weights, digits = run.weights, mnist.load()
    kinds = ("right", "rotation")
    expected = robustness.measure(
        lambda ink: network.predict(spec.network, weights, robustness.prepared(ink)),
        robustness.ink(digits.x_test),
        digits.y_test,
        kinds,
    )
    measured = classroom.store.robustness(spec.digest)
    assert measured.keys() == LEVELS.keys()
    for kind in kinds:
        np.testing.assert_allclose(measured[kind], expected[kind], atol=1e-3)
    for kind, way in robustness.WAYS.items():
        assert measured[kind][LEVELS[kind].index(way.rest)] == run.test_accuracy
    rolled = np.roll(digits.x_test, 2, axis=2)
    rolled[:, :, :2] = 0
    answers = network.predict(spec.network, weights, mnist.prepare(rolled))
    moved = evaluation.accuracy(digits.y_test, answers)
    assert measured["right"][LEVELS["right"].index(2)] == pytest.approx(moved, abs=1e-3)


def test_measuring_a_run_that_does_not_exist_gives_a_sentence(classroom: Trainer) -> None:
    job = classroom.measure(quick(11), "ada")
    until(lambda: job.done)
    assert job.state == FAILED
    assert "keeps its network" in job.message


def test_a_run_that_cannot_be_made_is_refused_before_any_work(classroom: Trainer) -> None:
    with pytest.raises(SpecError, match="Flatten"):
        classroom.train(RunSpec(NetworkSpec((Dense(10, "softmax"),))), "ada")


def test_closing_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    before = set(family())
    own = Trainer(RunStore(tmp_path / "runs", shipped=None))
    job = own.train(endless(12), "ada")
    until(in_epochs(job))
    started, folder = set(family()) - before, own._folder
    assert started
    assert folder
    own.close()
    assert not any(process.is_running() for process in started)
    assert not Path(folder).exists()
    own.close()


def test_a_killed_server_leaves_no_worker_behind(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                """
                import sys, time
                from pathlib import Path
                from lesson.runs import (RunStore)
                from lesson.layers import (Flatten, Dense)
                from lesson.specs import (NetworkSpec, RunSpec)
                from lesson.trainer import Trainer
                own = Trainer(RunStore(Path(sys.argv[1]), shipped=None))
                network = NetworkSpec((Flatten(), Dense(1000, "relu"), Dense(10, "softmax")))
                job = own.train(RunSpec(network, epochs=50))
                while not (job.progress and job.progress.batch):
                    time.sleep(0.05)
                assert "tensorflow" not in sys.modules and "keras" not in sys.modules
                print("training", flush=True)
                time.sleep(600)
                """
            ),
            str(tmp_path),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    with server.stdout:
        assert server.stdout.readline() == "training\n"
    children = psutil.Process(server.pid).children(recursive=True)
    assert len(children) >= 2
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive


def test_a_cluster_that_cannot_be_reached_gives_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dask

    monkeypatch.setattr(trainer, "CONNECT_SECONDS", 1)
    own = Trainer(RunStore(tmp_path / "runs", shipped=None))
    with dask.config.set({"scheduler-address": "tcp://127.0.0.1:9"}):
        job = own.train(quick(13), "ada")
        until(lambda: job.done)
    assert job.state == FAILED
    assert "cannot be reached" in job.message
    own.close()


def test_a_cluster_of_two_workers_trains_two_runs_as_one_machine_does(
    tmp_path: Path, classroom: Trainer
) -> None:
    import dask

    dask_command = [sys.executable, "-m", "dask"]
    log = tmp_path / "scheduler.json"
    processes = [
        subprocess.Popen(
            [
                *dask_command, "scheduler", "--host", "127.0.0.1", "--port", "0",
                "--no-dashboard", "--scheduler-file", str(log),
            ],
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
        )
    ]  # fmt: skip
    try:
        until(log.exists)
        until(lambda: log.read_text().strip().endswith("}"))
        for name in ("one", "two"):
            processes.append(
                subprocess.Popen(
                    [
                        *dask_command, "worker", "--scheduler-file", str(log), "--name", name,
                        "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard",
                        "--local-directory", str(tmp_path / name),
                    ],
                    stderr=subprocess.DEVNULL,
                    cwd=ROOT,
                )
            )  # fmt: skip
        own = Trainer(RunStore(tmp_path / "runs", shipped=None))
        import json

        address = json.loads(log.read_text())["address"]
        with dask.config.set({"scheduler-address": address}):
            long = own.train(endless(14), "ada")
            short = own.train(quick(1), "ben")
            assert own._client is None or own._cluster is None
            # The second ends while the first still trains: they run side by side.
            finished(short)
            until(in_epochs(long))
            assert not long.done
            assert own.cancel(long, "ada")
            assert own._cluster is None
        run, local = own.store.find(quick(1)), classroom.store.find(quick(1))
        if local is None:
            finished(classroom.train(quick(1), "ada"))
            local = classroom.store.find(quick(1))
        assert run is not None
        assert local is not None
        assert run.weights is not None
        assert local.weights is not None
        for there, here in zip(run.weights, local.weights, strict=True):
            np.testing.assert_array_equal(there, here)
        own.close()
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(30)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError("x"), "cannot be reached"),
        (MemoryError("x"), "MemoryError"),
        (SpecError("Dense: units must be ..."), "Dense: units must be"),
        (type("KilledWorker", (Exception,), {})("x"), "memory ran out"),
    ],
)
def test_every_failure_has_a_sentence(error: Exception, said: str) -> None:
    assert said in trainer._sentence(error)


def test_a_run_cancelled_right_after_a_reload_ends_when_the_old_page_is_forgotten(
    classroom: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "READER_SECONDS", 1.0)
    job = classroom.train(endless(15), "before the reload")
    assert classroom.job(endless(15), "after the reload") is job
    assert not classroom.cancel(job, "after the reload")
    until(lambda: classroom.job(endless(15), "after the reload") and job.done, 10)
    assert job.state == CANCELLED


def test_who_only_looks_on_holds_a_run_too(classroom: Trainer) -> None:
    job = classroom.train(endless(16), "ada")
    classroom.job(endless(16), "ben")
    assert not classroom.cancel(job, "ada")
    assert classroom.cancel(job, "ben")
