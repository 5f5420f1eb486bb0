"""The training panel in each of its states, with a trainer that does as it is told."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import mnist
from lesson.evaluation import accuracy, cross_entropy
from lesson.layers import Conv2D
from lesson.results import Progress, Run
from lesson.specs import FEEDFORWARD, NetworkSpec, RunSpec
from lesson.trainer import CANCELLED, FAILED, FINISHED, RUNNING, Job
from lesson.ui import resources, training

SPEC = RunSpec(FEEDFORWARD, epochs=5, validation_split=0.1)
OTHER = replace(SPEC, seed=7)


@dataclass
class FakeStore:
    warnings: list[str] = field(default_factory=list)


@dataclass
class FakeTrainer:
    """Keeps what it was asked, does no work."""

    jobs: dict[RunSpec, Job] = field(default_factory=dict)
    asked: list[RunSpec] = field(default_factory=list)
    before: int = 0
    ends: bool = True  # whether a cancelled run ends

    def warm(self) -> None:
        pass

    def train(self, spec: RunSpec, reader: str) -> Job:
        self.asked.append(spec)
        self.jobs[spec] = Job(spec.digest, spec, readers={reader: 0.0})
        return self.jobs[spec]

    def job(self, spec: RunSpec, reader: str) -> Job | None:
        return self.jobs.get(spec)

    def waited_for(self, reader: str) -> list[Job]:
        return [job for job in self.jobs.values() if not job.done]

    def ahead(self, job: Job) -> int:
        return self.before

    def cancel(self, job: Job, reader: str) -> bool:
        if self.ends:
            job.state = CANCELLED
        return self.ends


@dataclass
class World:
    trainer: FakeTrainer = field(default_factory=FakeTrainer)
    store: FakeStore = field(default_factory=FakeStore)
    runs: dict[RunSpec, Run] = field(default_factory=dict)
    shown: RunSpec = SPEC
    taken: list[RunSpec] = field(default_factory=list)

    def open(self) -> AppTest:
        app = AppTest.from_function(page, default_timeout=60).run()
        assert not app.exception
        return app


def page() -> None:
    from tests_world import world

    from lesson.ui import training

    training.panel(world().shown, key="train")


def page_with_example() -> None:
    from tests_world import world

    from lesson.ui import training

    training.example(world().shown, "small", world().taken.append)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    import sys
    import types

    made = World()
    # What the scripts above can import: AppTest runs them outside of this module.
    module = types.ModuleType("tests_world")
    module.world = lambda: made
    monkeypatch.setitem(sys.modules, "tests_world", module)
    monkeypatch.setattr(resources, "trainer", lambda: made.trainer)
    monkeypatch.setattr(resources, "store", lambda: made.store)
    monkeypatch.setattr(resources, "find", lambda spec: made.runs.get(spec))
    return made


def finished(spec: RunSpec, blown_up: bool = False) -> Run:
    """A run that answers 1 to everything."""
    labels = mnist.load().y_test
    answers = np.full((len(labels), 10), 0.05, dtype=np.float32)
    answers[:, 1] = 0.55
    values = [0.2, 0.4, 0.6, 0.7, math.nan if blown_up else 0.8]
    return Run(
        spec=spec,
        history=dict.fromkeys(("loss", "accuracy", "val_loss", "val_accuracy"), values),
        test_loss=math.nan if blown_up else cross_entropy(labels, answers),
        test_accuracy=accuracy(labels, answers),
        test_probabilities=answers,
        epoch_seconds=[0.5] * 5,
        seconds=2.5,
        versions={},
        machine={},
    )


def running(spec: RunSpec, *points: Progress) -> Job:
    return Job(spec.digest, spec, RUNNING, points[-1] if points else None, list(points))


def half_way() -> tuple[Progress, ...]:
    return (
        Progress("training", 1, 100, 211, loss=1.5, accuracy=0.5),
        Progress(
            "training", 1, 211, 211, 1.25, 0.625, val_loss=0.75, val_accuracy=0.875, epoch_end=True
        ),
        Progress("training", 2, 100, 211, 0.5, 0.90625, seconds=1.0, seconds_left=2.6),
    )


def texts(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in (*app.markdown, *app.caption))


def bars(app: AppTest) -> list[tuple[int, str]]:
    """How far each progress bar is, and its text."""
    return [(bar.proto.value, bar.proto.text) for bar in app.get("progress")]


def test_an_untrained_network_says_what_training_it_means(world: World) -> None:
    app = world.open()
    assert "104,938 parameters, 54,000 digits, 5 epochs of 211 batches" in texts(app)
    assert not app.metric
    app.button("train").click().run()
    assert world.trainer.asked == [SPEC]
    assert bars(app)[0][1].startswith("Waiting for the training process")


def test_one_epoch_is_not_called_epochs(world: World) -> None:
    world.shown = replace(SPEC, epochs=1, training_digits=100, batch_size=256)
    assert "1 epoch of 1 batch." in texts(world.open())


def test_a_network_that_cannot_be_trained_has_a_reason_and_no_button(world: World) -> None:
    world.shown = RunSpec(NetworkSpec((Conv2D(4),)))
    app = world.open()
    assert app.error[0].value == world.shown.problem
    assert not app.button


def test_the_place_in_the_queue_is_told(world: World) -> None:
    world.trainer.jobs[SPEC], world.trainer.before = Job(SPEC.digest, SPEC), 2
    assert bars(world.open()) == [(0, "Waiting: 2 runs ahead of this one")]
    world.trainer.before = 1
    assert bars(world.open()) == [(0, "Waiting: 1 run ahead of this one")]


def test_a_training_shows_how_far_it_is_its_curves_and_the_time_left(world: World) -> None:
    world.trainer.jobs[SPEC] = running(SPEC, *half_way())
    app = world.open()
    share = round(100 * (1 + 100 / 211) / 5)
    assert bars(app) == [(share, "Training: epoch 2 of 5, about 3 s left")]
    curves = [text.value for text in app.markdown if "<svg" in text.value]
    assert ["accuracy 0.906" in curves[0], "loss 0.500" in curves[1]] == [True, True]
    assert all("dashed: validation" in curve and curve.count("<circle") == 1 for curve in curves)


def test_a_training_of_many_epochs_draws_a_curve_that_stays_small(world: World) -> None:
    spec = replace(SPEC, epochs=50)
    points = [
        Progress("training", 1 + i // 200, i % 200, 200, 1.0, i / 10_000) for i in range(10_000)
    ]
    long, short = (
        training._live_curve(spec, told, "accuracy") for told in (points, points[:9_999:100])
    )
    assert "accuracy 1.000" in long
    assert len(long) < 8 * len(short)


@pytest.mark.parametrize(
    ("progress", "bar"),
    [
        (Progress("preparing"), (0, "Getting the digits and the network ready")),
        (Progress("evaluating", 5), (100, "Asking the network about the 10,000 test digits")),
        (Progress("training", 1, batches=211), (0, "Training: epoch 1 of 5")),
    ],
)
def test_each_stage_is_named(world: World, progress: Progress, bar: tuple[int, str]) -> None:
    world.trainer.jobs[SPEC] = running(SPEC, progress)
    assert bars(world.open()) == [bar]


def test_cancelling_ends_the_run_and_says_so(world: World) -> None:
    world.trainer.jobs[SPEC] = running(SPEC, *half_way())
    app = world.open()
    app.button("cancel_training").click().run()
    assert not bars(app)
    assert "Cancelled: nothing of it was kept." in texts(app)
    app.button("train").click().run()
    assert world.trainer.asked == [SPEC]


def test_a_run_that_others_wait_for_goes_on_when_one_reader_cancels(world: World) -> None:
    world.trainer.jobs[SPEC], world.trainer.ends = running(SPEC, *half_way()), False
    app = world.open()
    app.button("cancel_training").click().run()
    assert "goes on for them" in app.toast[0].value
    assert bars(app)


def test_a_failed_run_gives_its_reason_and_can_be_asked_for_again(world: World) -> None:
    job = Job(SPEC.digest, SPEC, FAILED, message="Memory ran out. Use a smaller network.")
    world.trainer.jobs[SPEC] = job
    app = world.open()
    assert app.error[0].value == job.message
    app.button("train").click().run()
    assert world.trainer.asked == [SPEC]
    assert not app.error


def test_a_finished_run_is_shown_at_once(world: World) -> None:
    run = world.runs[SPEC] = finished(SPEC)
    app = world.open()
    assert [metric.value for metric in app.metric] == ["11.35%", f"{run.test_loss:.4f}", "2.5 s"]
    assert len(app.get("plotly_chart")) == 2
    assert not app.button


def test_a_run_that_ends_while_the_page_is_drawn_is_shown_without_another_click(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = running(SPEC, *half_way())
    asked = 0

    def ends_at_the_second_look(spec: RunSpec, reader: str) -> Job:
        nonlocal asked
        asked += 1
        if asked == 2:
            job.state, world.runs[SPEC] = FINISHED, finished(SPEC)
        return job

    monkeypatch.setattr(world.trainer, "job", ends_at_the_second_look)
    app = world.open()
    assert asked == 2
    assert app.metric[0].value == "11.35%"
    assert not bars(app)


def test_a_loss_beyond_all_numbers_is_explained(world: World) -> None:
    world.runs[SPEC] = finished(SPEC, blown_up=True)
    app = world.open()
    assert app.metric[1].value == "not a number"
    assert "smaller learning rate" in app.warning[0].value


def test_a_run_with_other_settings_can_be_seen_and_cancelled_from_here(world: World) -> None:
    world.trainer.jobs[OTHER] = running(OTHER, *half_way())
    app = world.open()
    assert "104,938 parameters, 5 epochs) goes on. Training: epoch 2 of 5" in texts(app)
    app.button(f"cancel_{OTHER.digest}").click().run()
    assert world.trainer.jobs[OTHER].state == CANCELLED
    assert "goes on" not in texts(app)
    assert [button.key for button in app.button] == ["train"]


def test_what_the_store_could_not_read_is_said(world: World) -> None:
    world.store.warnings.append("The stored run abc is not used: it was cut off.")
    assert world.open().warning[0].value == world.store.warnings[0]


def test_an_example_shows_its_curve_and_offers_its_settings(world: World) -> None:
    world.runs[SPEC] = finished(SPEC)
    app = AppTest.from_function(page_with_example, default_timeout=60).run()
    assert len(app.get("plotly_chart")) == 1
    app.button("small_take").click().run()
    assert world.taken == [SPEC]


def test_an_example_that_is_missing_is_said_and_not_a_traceback(world: World) -> None:
    app = AppTest.from_function(page_with_example, default_timeout=60).run()
    assert not app.exception
    assert SPEC.digest in app.info[0].value


def test_a_small_network_is_really_trained_from_the_panel() -> None:
    def script() -> None:
        from lesson.specs import RunSpec, feedforward
        from lesson.ui import training

        network = feedforward((4,))
        run = training.panel(RunSpec(network, epochs=1, seed=1, training_digits=100), key="train")
        if run is not None:
            import streamlit as st

            st.session_state["weights"] = run.weights

    app = AppTest.from_function(script, default_timeout=60).run()
    app.button("train").click().run()
    until = time.monotonic() + 200
    while not app.metric and time.monotonic() < until:
        assert not app.exception
        assert not app.error
        time.sleep(0.3)
        app.run()
    assert app.metric[0].label == "Accuracy on the test digits"
    assert [array.shape for array in app.session_state["weights"]] == [
        (784, 4),
        (4,),
        (4, 10),
        (10,),
    ]
