"""The design tasks on their pages: checked, done, kept; and which runs are the reader's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lesson import fitting, inside, series, tasks
from lesson.progress import Progress, write
from lesson.specs import NOTEBOOK_RUNS, RunSpec
from lesson.tasks.task import Task, Trained
from lesson.ui import keeping, resources
from lesson.ui.questions import key_of
from lesson.ui.tasks import BACK, CHECK, GO
from tests.conftest import OpenPage, tell
from tests.test_tasks import FOUR_BLOCKS, SLIM_CNN, SLIM_DENSE, run
from tests.ui.test_training import FakeTrainer

BANK = tasks.bank()
STEADY = dict.fromkeys(("right", "left", "down", "up"), 0.84)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs that are finished, beside those that ship."""

    def finish(*runs: Trained) -> None:
        store = resources.store()
        shipped, measured = store.summaries(), store.robustness
        found = {run.spec.digest: run for run in runs}
        listed = [*(run.summary for run in runs), *shipped]
        monkeypatch.setattr(store, "summaries", lambda: listed)
        monkeypatch.setattr(
            store,
            "robustness",
            lambda digest: found[digest].robustness if digest in found else measured(digest),
        )

    return finish


def opened(app: AppTest, task: Task) -> AppTest:
    app.session_state[key_of(task.page)] = task.key
    return app.run()


def check(app: AppTest) -> AppTest:
    app = app.button(key=CHECK).click().run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(part.value for part in app.main.markdown)


def kept(app: AppTest) -> Progress:
    state = app.session_state
    found: Progress = state["_progress"] if "_progress" in state else Progress()
    return found


def ticked(app: AppTest, task: Task) -> bool:
    from lesson.questions import of_page

    place = len(of_page(task.page)) + tasks.of_page(task.page).index(task) + 1
    return f".st-key-{key_of(task.page)} button:nth-of-type({place}) p::after" in said(app)


def own(*specs: RunSpec) -> Progress:
    progress = Progress()
    for spec in specs:
        progress = progress.with_run(spec.digest)
    return progress


# What a reader does on a page: sets it, or has trained runs.
SOLVED: dict[str, dict[str, Any]] = {
    "convolution_task_corners": {
        "convolution_kernel": "custom",
        "convolution_kernel_size": 2,
        "convolution_weight_1_2": -1.0,
        "convolution_weight_2_1": -1.0,
    },
    "inside_a_cnn_task_sight": {"cnn_blocks": 3},
    "beyond_images_task_beats": {
        "beyond_kernel": series.OWN,
        "beyond_weight_2": 1.0,
        "beyond_weight_3": -2.0,
        "beyond_weight_4": 1.0,
    },
    # The controls can ask for what does it, and a run of theirs counts whoever has trained it.
    "feedforward_task_small": {
        f"feedforward_{name}": value for name, value in fitting.settings(SLIM_DENSE).items()
    },
    "inside_a_cnn_task_small": {
        f"cnn_{name}": value for name, value in inside.settings(SLIM_CNN).items()
    },
    "comparison_task_steady": {"_progress": own(SLIM_CNN, FOUR_BLOCKS)},
}


@pytest.mark.parametrize("key", SOLVED)
def test_a_task_says_what_is_missing_then_is_done_and_ticked(
    open_page: OpenPage, trained: Callable[..., None], key: str
) -> None:
    task = BANK[key]
    trained(run(SLIM_DENSE, 0.976), run(SLIM_CNN, 0.984), run(FOUR_BLOCKS, 0.986, **STEADY))
    app = check(opened(open_page(task.page), task))
    assert task.prompt in said(app)
    assert f"*Hint:* {task.hint}" in said(app)
    assert not kept(app).tasks
    assert not ticked(app, task)

    for name, value in SOLVED[key].items():
        app.session_state[name] = value
    app = check(app.run())
    assert ":material/check: **Done.**" in said(app)
    assert task.hint not in said(app)
    assert list(kept(app).tasks) == [key]
    assert f":material/check: Done: {kept(app).tasks[key]}" in said(app)
    assert ticked(app, task)
    # Markdown takes a style sheet for text that begins behind another one on its line.
    head = next(part.value for part in app.main.markdown if "lesson-head" in part.value)
    assert "</style><style>" not in head

    text = write(kept(app))
    fresh = tell(opened(open_page(task.page), task), keeping.KEY, "found", text)
    assert ticked(fresh, task)


def test_ways_are_counted_one_by_one_and_outlive_a_reload(open_page: OpenPage) -> None:
    task = BANK["padding_task_ways"]
    app = check(opened(open_page("padding"), task))
    assert "7×7 pixels: 28×28 are asked for" in said(app)
    app = app.button(key=GO).click().run()
    assert app.session_state["padding_size"] == 28
    app = check(app)
    assert "The output is 26×26, and 14×14 is asked for" in said(app)
    for n, (padding, kernel_size) in enumerate((("valid", 2), ("1", 3), ("same", 5)), 1):
        app.session_state["padding_padding"] = padding
        app.session_state["padding_kernel_size"] = kernel_size
        app.session_state["padding_strides"] = 2
        app = check(app.run())
        assert f"That makes {n} of 3 ways" in said(app)
        assert ticked(app, task) == (n == 3)
        if n == 2:
            text = write(kept(app))
            app = tell(
                opened(open_page("padding", padding_size="28"), task), keeping.KEY, "found", text
            )
            assert "So far: 2 of 3 ways" in said(app)
    app = check(app)
    assert "counted already" in said(app)
    assert ticked(app, task)


def test_a_run_that_is_not_measured_is_chosen_and_its_robustness_opened(
    open_page: OpenPage, trained: Callable[..., None]
) -> None:
    task = BANK["comparison_task_steady"]
    spec = NOTEBOOK_RUNS["CNN 1"]
    trained(run(spec, 0.98))
    app = open_page("comparison")
    app.session_state["_progress"] = own(spec)
    app = check(opened(app, task))
    assert "was not asked about moved digits yet" in said(app)
    assert not any(button.key == BACK for button in app.button)
    chosen, view = app.session_state["comparison_runs"], app.session_state["comparison_view"]
    app = app.button(key=GO).click().run()
    assert not app.exception
    assert app.session_state["comparison_runs"] == [NOTEBOOK_RUNS["CNN 2"].digest, spec.digest]
    assert app.session_state["comparison_view"] == "Robustness"
    assert not any(button.key == GO for button in app.button)  # it is there already
    app = app.button(key=BACK).click().run()
    assert not app.exception
    assert app.session_state["comparison_runs"] == chosen
    assert app.session_state["comparison_view"] == view
    assert not any(button.key == BACK for button in app.button)


def test_the_way_to_the_training_is_shown_where_nothing_is_trained(open_page: OpenPage) -> None:
    app = check(opened(open_page("inside-a-cnn", cnn_seed="1234"), BANK["inside_a_cnn_task_small"]))
    assert "No run of yours is finished yet" in said(app)
    assert "its 57,274 parameters are 27,275 too many" in said(app)
    app = app.button(key=GO).click().run()
    assert app.session_state["cnn_view"] == "Build and train"
    assert not any(button.key == GO for button in check(app).button)


def test_a_run_is_the_reader_s_once_it_was_asked_for(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = FakeTrainer()
    monkeypatch.setattr(resources, "trainer", lambda: trainer)
    app = open_page("feedforward", feedforward_seed="77")
    assert kept(app).runs == ()
    app = app.button(key="feedforward_train").click().run()
    (spec,) = trainer.asked
    assert kept(app).runs == (spec.digest,)


def test_tasks_are_opened_by_the_address_and_hidden_with_the_questions(open_page: OpenPage) -> None:
    task = BANK["inside_a_cnn_task_sight"]
    key = key_of(task.page)
    assert task.prompt in said(open_page(task.page, **{key: "Design 2"}))
    hidden = open_page(task.page, hide="questions", **{key: "Design 2"})
    assert not hidden.exception
    assert task.prompt not in said(hidden)
