"""The training panel in each of its states, with a trainer that does as it is told."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import fitting, mnist, presets
from lesson.evaluation import accuracy, cross_entropy
from lesson.layers import Conv2D
from lesson.presets import Preset
from lesson.results import Progress, Run, Summary
from lesson.specs import FEEDFORWARD, NetworkSpec, RunSpec
from lesson.trainer import CANCELLED, FAILED, FINISHED, RUNNING, Job
from lesson.ui import resources, training
from lesson.ui.experiment import Lab
from tests.conftest import picture, pictures, tell

SPEC = RunSpec(FEEDFORWARD, epochs=5, validation_split=0.1)
OTHER = replace(SPEC, seed=7)
LONGER = replace(SPEC, epochs=10)
PLAIN, SMALL = "The notebook's, 10% held back", "Underfit: 4 units"


@dataclass
class FakeStore:
    runs: dict[RunSpec, Run]
    warnings: list[str] = field(default_factory=list)
    folder: Path = Path("/nowhere")

    def load(self, digest: str) -> Run | None:
        return next((run for spec, run in self.runs.items() if spec.digest == digest), None)

    def summary(self, spec: RunSpec) -> Summary | None:
        return self.runs[spec].summary if spec in self.runs else None

    def summaries(self) -> list[Summary]:
        return [run.summary for run in self.runs.values()]

    def keras_file(self, digest: str) -> bytes:
        raise AssertionError("the file is read when it is asked for, not with the page")


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
    runs: dict[RunSpec, Run] = field(default_factory=dict)
    shown: RunSpec = SPEC
    presets: dict[str, Preset] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = FakeStore(self.runs)

    @property
    def lab(self) -> Lab:
        return Lab("lab", "lab_choice", self.presets, fitting.settings)

    def open(self) -> AppTest:
        app = AppTest.from_function(page, default_timeout=60).run()
        assert not app.exception
        return app


def page() -> None:
    """A page whose only controls are the seed and the epochs."""
    from dataclasses import replace

    import streamlit as st
    from tests_world import world

    from lesson.ui import learned, training

    chosen = {
        name: st.number_input(name, 0, 9999, getattr(world().shown, name), key=f"lab_{name}")
        for name in ("seed", "epochs")
    }
    run = training.panel(replace(world().shown, **chosen), world().lab)
    if run:
        learned.show(run, world().lab)


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
    monkeypatch.setattr(resources, "find", made.runs.get)
    return made


def finished(spec: RunSpec, blown_up: bool = False, answer: int = 1) -> Run:
    """A run that gives one answer to everything."""
    labels = mnist.load().y_test
    answers = np.full((len(labels), 10), 0.05, dtype=np.float32)
    answers[:, answer] = 0.55
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
        weights=(),
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
    app.button("lab_train").click().run()
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
    app.button("lab_train").click().run()
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
    app.button("lab_train").click().run()
    assert world.trainer.asked == [SPEC]
    assert not app.error


def test_a_finished_run_is_shown_at_once(world: World) -> None:
    run = world.runs[SPEC] = finished(SPEC)
    app = world.open()
    assert [metric.value for metric in app.metric] == ["11.35%", f"{run.test_loss:.4f}", "2.5 s"]
    assert len(app.get("plotly_chart")) == 2
    assert not bars(app)


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
    assert asked == 3  # at the page's next run, too
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
    assert [button.key for button in app.button] == ["lab_train"]


def test_what_the_store_could_not_read_is_said(world: World) -> None:
    world.store.warnings.append("The stored run abc is not used: it was cut off.")
    assert world.open().warning[0].value == world.store.warnings[0]


# Before and while it trains


def test_memory_and_time_are_told_before_the_training(world: World) -> None:
    said = texts(world.open())
    assert "Memory: **3.5 MB** at the least" in said
    assert "Time: not known" in said
    world.runs[OTHER] = finished(OTHER)
    said = texts(world.open())
    assert "Time: about 2 s, judging by «Feedforward · validation_split 0.1 · seed 7»" in said
    assert "(2.5 s on the machine that made it, for as many multiplications)" in said


def test_every_epoch_of_a_live_curve_can_be_read_under_the_pointer() -> None:
    curve = training._live_curve(SPEC, list(half_way()), "accuracy")
    places = curve.split('<g class="at">')[1:]
    assert len(places) == 3
    assert ["epoch 1: 0.625" in places[1], "validation 0.875" in places[1]] == [True, True]
    assert ["epoch 1.47: 0.906" in places[2], "validation" in places[2]] == [True, False]


def test_a_training_that_lost_its_process_says_that_it_begins_again(world: World) -> None:
    job = world.trainer.jobs[SPEC] = running(SPEC, *half_way())
    job.begun = {1.0}
    assert "begins again" not in texts(world.open())
    job.begun = {1.0, 2.0}
    assert "it begins again from its first weights" in texts(world.open())


def test_in_a_long_training_no_epochs_end_is_left_out() -> None:
    points = [
        Progress("training", 1 + n // 100, 1 + n % 100, 100, 1.0, 0.5, epoch_end=n % 100 == 99)
        for n in range(5_000)
    ]
    curve = training._live_curve(replace(SPEC, epochs=50), points, "accuracy")
    assert all(f"epoch {epoch}: 0.500" in curve for epoch in range(1, 51))


# One run held against another


def go(app: AppTest, button: str) -> AppTest:
    """Click on one of the panel's buttons."""
    app.button(f"lab_{button}").click().run()
    assert not app.exception
    return app


def buttons(app: AppTest) -> set[str]:
    return {str(button.key).removeprefix("lab_") for button in app.button}


def test_without_a_run_a_nothing_of_it_is_on_the_page(world: World) -> None:
    world.runs[SPEC] = finished(SPEC)
    app = world.open()
    assert buttons(app) == {"again", "compare"}
    assert "**A**" not in texts(app)
    assert [metric.delta for metric in app.metric] == ["", "", ""]


def test_another_seed_is_trained_at_once_and_held_against_this_run(world: World) -> None:
    world.runs[SPEC] = finished(SPEC)
    app = go(world.open(), "again")
    again = replace(SPEC, seed=43)
    assert world.trainer.asked == [again]
    assert app.number_input("lab_seed").value == 43
    assert "**A**, 11.35%: **seed 42**. **B**: **seed 43**." in texts(app)
    assert "Other first weights: the seeds are 42 and 43." in texts(app)
    world.runs[again] = finished(again, answer=7)
    del world.trainer.jobs[again]
    app.run()
    assert [metric.delta for metric in app.metric] == [
        "-1.07 points: A 11.35%",
        f"{world.runs[again].test_loss - world.runs[SPEC].test_loss:+.4f}: "
        f"A {world.runs[SPEC].test_loss:.4f}",
        "A 2.5 s",
    ]
    assert "B reads **1.07 percentage points fewer**" in texts(app)
    assert "Nothing but the seed differs: that much is chance." in texts(app)


def test_what_was_asked_for_in_this_session_is_the_readers_own(world: World) -> None:
    app = go(world.open(), "train")
    assert app.session_state["_mine"] == {SPEC.digest}
    world.runs[SPEC], world.trainer.jobs[SPEC].state = finished(SPEC), FINISHED
    app = go(app.run(), "again")
    assert app.session_state["_mine"] == {SPEC.digest, replace(SPEC, seed=43).digest}


def test_a_seed_that_is_trained_already_is_not_trained_again(world: World) -> None:
    for spec in (SPEC, replace(SPEC, seed=43)):
        world.runs[spec] = finished(spec)
    app = go(world.open(), "again")
    assert world.trainer.asked == []
    assert app.metric[0].delta == "0.00 points: A 11.35%"


def test_one_thing_is_changed_and_compared(world: World) -> None:
    world.runs[SPEC] = finished(SPEC)
    app = go(world.open(), "compare")
    assert "This run is A." in texts(app)
    assert buttons(app) == {"again", "put_away"}
    app.number_input("lab_epochs").set_value(10).run()
    assert "**A**, 11.35%: **epochs 5**. **B**: **epochs 10**." in texts(app)
    assert "Both begin from the same first weights." in texts(app)
    go(app, "train")
    assert world.trainer.asked == [LONGER]
    world.trainer.jobs[LONGER] = running(LONGER, *half_way())
    app.run()
    curves = [text.value for text in app.markdown if "<svg" in text.value]
    assert all(">A</text>" in curve for curve in curves)
    world.runs[LONGER] = finished(LONGER, answer=7)
    del world.trainer.jobs[LONGER]
    app.run()
    assert {name for chart in app.get("plotly_chart") for name in drawn(chart)} == {
        f"{run}, {part}" for run in "AB" for part in ("training", "validation")
    }
    go(app, "back")
    assert app.number_input("lab_epochs").value == 5
    go(app, "put_away")
    assert buttons(app) == {"again", "compare"}


def drawn(chart: object) -> list[str]:
    """The names of a Plotly chart's curves."""
    import json

    return [trace["name"] for trace in json.loads(chart.proto.spec)["data"]]  # type: ignore[attr-defined]


def test_the_same_first_weights_are_one_click_away(world: World) -> None:
    world.runs[SPEC] = finished(SPEC)
    app = go(world.open(), "compare")
    app.number_input("lab_epochs").set_value(10)
    app.number_input("lab_seed").set_value(7).run()
    assert app.button("lab_same_seed").label == "Same first weights"
    go(app, "same_seed")
    assert app.number_input("lab_seed").value == 42
    assert "Both begin from the same first weights." in texts(app)
    assert "same_seed" not in buttons(app)


def test_a_run_a_that_is_gone_is_forgotten(world: World) -> None:
    world.runs[SPEC] = finished(SPEC)
    app = go(world.open(), "compare")
    del world.runs[SPEC]
    app.run()
    assert not app.exception
    assert buttons(app) == {"train"}
    assert "_lab_pinned" not in app.session_state


# Presets


def test_a_preset_says_what_to_look_for_and_what_came_of_it(world: World) -> None:
    world.presets = {name: presets.PRESETS[name] for name in (PLAIN, SMALL, "No activation")}
    world.shown = world.presets[SMALL].spec
    app = world.open()
    assert f"**{SMALL}.** Look for: {world.presets[SMALL].look}" in texts(app)
    world.runs[world.shown] = finished(world.shown)
    said = texts(world.open())
    assert f"It reads 11.3% of the test digits right, no more than guessing; «{PLAIN}»" in said
    assert "is not trained yet. " in said
    assert "beside" not in buttons(world.open())


def test_a_preset_is_compared_with_the_run_that_it_is_held_against(world: World) -> None:
    world.presets = {name: presets.PRESETS[name] for name in (PLAIN, SMALL, "No activation")}
    plain, world.shown = (world.presets[name].spec for name in (PLAIN, SMALL))
    world.runs |= {spec: finished(spec) for spec in (plain, world.shown)}
    app = go(world.open(), "beside")
    assert f"**A**, «{PLAIN}», 11.35%: **units 128-32**. **B**: **units 4**." in texts(app)
    assert "beside" not in buttons(app)
    assert app.metric[0].delta.startswith("0.00 points")


# What is taken along, and what was learned


def test_files_are_offered_and_made_only_when_they_are_asked_for(world: World) -> None:
    world.runs[SPEC] = replace(finished(SPEC), weights=None)
    assert labels(world.open()) == ["History (.csv)", "Script (.py)", "Notebook (.ipynb)"]
    world.runs[SPEC] = replace(finished(SPEC), weights=())
    assert labels(world.open()) == [
        "Network (.keras)",
        "History (.csv)",
        "Script (.py)",
        "Notebook (.ipynb)",
    ]


def labels(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


def test_what_the_first_layer_learned_is_shown_epoch_by_epoch(world: World) -> None:
    learned = np.zeros((6, 784, 16), np.float16)
    learned[0], learned[:, :, 3] = 0.5, np.linspace(0.5, 1, 6)[:, None]
    learned[1:, :, :3] = 0.5
    world.runs[SPEC] = replace(finished(SPEC), learned=learned)
    app = world.open()
    assert app.select_slider("lab_learned_epoch").value == 5
    units, strip = (picture(app, f"lab_{part}") for part in ("learned_units", "learned_strip"))
    assert [len(units.arrays), len(strip.arrays)] == [16, 6]
    assert units.arrays[0].shape == (28, 28)
    assert {map_["high"] for drawn in (units, strip) for map_ in drawn.header["maps"]} == {1.0}
    app.select_slider("lab_learned_epoch").set_value(2).run()
    assert picture(app, "lab_learned_units").arrays[3][0, 0] == np.float16(0.7)
    tell(app, "lab_learned_units", "chosen", 3)
    assert picture(app, "lab_learned_units").header["chosen"] == 3
    assert "Unit 4 from epoch to epoch." in texts(app)
    tell(app, "lab_learned_units", "chosen", 99)
    assert "Unit 4 from epoch to epoch." in texts(app)
    app.button("lab_learned_play").click().run()
    assert app.select_slider("lab_learned_epoch").value == 0
    assert "Before training" in texts(app)
    assert app.button("lab_learned_play").label == "Stop"


def test_a_run_of_which_it_was_not_kept_shows_none_of_it(world: World) -> None:
    world.runs[SPEC] = finished(SPEC)
    assert not pictures(world.open())


def test_a_small_network_is_really_trained_from_the_panel() -> None:
    def script() -> None:
        from lesson.specs import RunSpec, feedforward
        from lesson.ui import training
        from lesson.ui.experiment import FEEDFORWARD

        spec = RunSpec(feedforward((4,)), epochs=1, seed=1, training_digits=100)
        run = training.panel(spec, FEEDFORWARD)
        if run is not None:
            import streamlit as st

            st.session_state["weights"] = run.weights

    app = AppTest.from_function(script, default_timeout=60).run()
    app.button("feedforward_train").click().run()
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


def test_a_run_without_its_network_can_be_trained_here(world: World) -> None:
    world.runs[SPEC] = replace(finished(SPEC), weights=None)
    app = world.open()
    assert app.metric[0].value == "11.35%"
    app = go(app, "train")
    assert world.trainer.asked == [SPEC]
    assert bars(app)
