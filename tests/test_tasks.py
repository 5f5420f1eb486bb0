"""Each design task: what does it, what does not, and what is said then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesson import series, tasks
from lesson.convolution import output_size
from lesson.filters import FAMILIES
from lesson.inside import Block, stack
from lesson.outcome import OBJECTIVES
from lesson.presets import PRESETS
from lesson.progress import Progress, read, write
from lesson.runs import RunStore
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, SHIFTS, RunSpec, feedforward
from lesson.tasks import built, trained
from lesson.tasks.task import Situation, Trained

BANK = tasks.bank()
SMALL_DENSE = BANK["feedforward_task_small"]
SMALL_CNN = BANK["inside_a_cnn_task_small"]
STEADY = BANK["comparison_task_steady"]
TRAINED = (SMALL_DENSE, SMALL_CNN, STEADY)
WAYS = BANK["padding_task_ways"]
SIGHT = BANK["inside_a_cnn_task_sight"]
CORNERS = BANK["convolution_task_corners"]
BEATS = BANK["beyond_images_task_beats"]

# Each of these was really trained with the seeds 42, 43 and 44, and did its task with all three.
SLIM_DENSE = RunSpec(
    feedforward((96,), dropout=0.2), batch_size=64, epochs=15, validation_split=0.1
)
SLIM_CNN = RunSpec(stack([Block(16), Block(32)], []), batch_size=128, validation_split=0.1)
FOUR_BLOCKS = RunSpec(
    stack([Block(8), Block(16), Block(32), Block(64)], [], padding="same"),
    batch_size=128,
    learning_rate=0.003,
    validation_split=0.1,
)


def run(spec: RunSpec, accuracy: float, **moved: float) -> Trained:
    """A made-up run; ``moved`` is its accuracy three pixels to each side."""
    from lesson.results import Summary

    robustness = {}
    if moved:
        for kind, ways in {"right": ("left", "right"), "down": ("up", "down")}.items():
            values = [accuracy] * len(SHIFTS)
            for way, by in zip(ways, (-3, 3), strict=True):
                values[SHIFTS.index(by)] = moved[way]
            robustness[kind] = values
    return Trained(Summary(spec, 0.1, accuracy, 1.0, 1.0, True), robustness)


def test_every_page_s_tasks_are_its_own_and_belong_to_objectives() -> None:
    assert [task.page for task in BANK.values()] == sorted(
        (task.page for task in BANK.values()), key=list(tasks.MODULES).index
    )
    assert {task.objective for task in BANK.values()} <= {each.key for each in OBJECTIVES}
    for key, task in BANK.items():
        assert key.startswith(f"{task.page.replace('-', '_')}_task_"), key
        assert task.prompt.endswith(".")
        assert task.hint[-1] in ".?"
    assert tasks.of_page("overview") == ()


def test_nothing_is_done_when_nothing_was_done() -> None:
    for key, task in BANK.items():
        found = task.check(Situation())
        assert not found.done, key
        assert not found.keep, key
        assert found.says.endswith("."), key
        assert not task.stands("").done
    assert tasks.done({}) == {}


@pytest.mark.parametrize("junk", [None, True, -1, 10**400, float("nan"), "", "<b>", [1], {}])
def test_settings_that_cannot_be_are_told_of_in_a_sentence(junk: Any) -> None:
    keys = [*(f"padding_{name}" for name in (*built.WINDOW, "size")), "convolution_kernel_size"]
    keys += ["convolution_bias", "convolution_relu", "beyond_weight_1", "convolution_weight_1_1"]
    settings = dict.fromkeys(keys, junk)
    for kernel in ("custom", junk):
        settings |= {"convolution_kernel": kernel, "beyond_kernel": series.OWN}
        for task in BANK.values():
            assert not task.check(Situation(settings)).done, task.key


# Trained networks


def test_no_training_that_ships_does_a_task() -> None:
    store = RunStore()
    runs = [
        Trained(summary, store.robustness(summary.spec.digest))
        for summary in store.summaries()
        if (store.shipped / summary.spec.digest).exists()  # type: ignore[operator]
    ]
    assert len(runs) >= len(PRESETS)
    assert sum(bool(trained.moved(each.robustness)) for each in runs) >= len(PRESETS)
    for task in TRAINED:
        found = task.check(Situation(runs=runs))
        assert not found.done, (task.key, found.says)
        assert "asked for" in found.says or "allowed" in found.says


@pytest.mark.parametrize(
    ("task", "spec", "least"),
    [(SMALL_DENSE, SLIM_DENSE, 0.975), (SMALL_CNN, SLIM_CNN, 0.98), (SMALL_CNN, FOUR_BLOCKS, 0.98)],
)
def test_a_small_network_that_is_right_does_it_and_nothing_less(
    task: tasks.Task, spec: RunSpec, least: float
) -> None:
    done = task.check(Situation(runs=[run(spec, least)]))
    assert done.done
    assert done.keep in f"{done.says} {done.keep}"
    assert f"{least:.2%}" in done.keep
    assert f"{spec.network.parameters:,}" in done.keep

    short = task.check(Situation(runs=[run(spec, least - 0.0001)]))
    assert not short.done
    assert "0.01 percentage points more" in short.says

    large = replace(spec, network=FEEDFORWARD if task is SMALL_DENSE else CNN_2)
    both = task.check(Situation(runs=[run(large, 0.999)]))
    assert not both.done
    assert f"{large.network.parameters:,} parameters; at most" in both.says


def test_the_other_kind_of_network_does_not_count() -> None:
    assert not SMALL_DENSE.check(Situation(runs=[run(SLIM_CNN, 0.99)])).done
    assert not SMALL_CNN.check(Situation(runs=[run(SLIM_DENSE, 0.99)])).done


def test_the_best_run_is_told_of_and_whether_that_of_the_controls_is_trained() -> None:
    runs = [run(replace(SLIM_CNN, seed=1), 0.95), run(replace(SLIM_CNN, seed=2), 0.97)]
    runs += [run(RunSpec(CNN_2), 0.99)]
    found = SMALL_CNN.check(Situation(spec=SLIM_CNN, runs=runs))
    assert "97.00%" in found.says
    assert "not trained yet; its 12,810 parameters are few enough" in found.says
    assert found.show == trained.BUILD
    there = SMALL_CNN.check(Situation(trained.BUILD, RunSpec(CNN_1), runs))
    assert f"{CNN_1.parameters - 29_999:,} too many" in there.says
    assert not there.show


def test_moved_digits_count_in_each_direction() -> None:
    steady = {"right": 0.95, "left": 0.94, "down": 0.75, "up": 0.77}
    found = STEADY.check(Situation(runs=[run(FOUR_BLOCKS, 0.99, **steady)]))
    assert found.done
    assert "down 75.0%" in found.keep
    for way in steady:
        worse = STEADY.check(Situation(runs=[run(FOUR_BLOCKS, 0.99, **{**steady, way: 0.73})]))
        assert not worse.done
        assert f"{way} lacks 2.00 percentage points" in worse.says


def test_a_run_that_was_not_measured_is_taken_to_its_measurement() -> None:
    other = replace(SLIM_CNN, seed=7)
    found = STEADY.check(Situation(runs=[run(SLIM_CNN, 0.99), run(other, 0.99)]))
    assert not found.done
    assert "was not asked about moved digits yet" in found.says
    assert found.show["comparison_runs"][-1] == other.digest
    without = Trained(replace(run(other, 0.99).summary, has_network=False))
    assert not STEADY.check(Situation(runs=[without])).show


# Windows


def way(
    kernel_size: int, strides: int, padding: str = "valid", dilation_rate: int = 1
) -> dict[str, Any]:
    values = (kernel_size, strides, padding, dilation_rate, 28)
    return dict(zip((f"padding_{n}" for n in (*built.WINDOW, "size")), values, strict=True))


def test_the_output_is_made_in_three_ways_and_kept_through_a_reload() -> None:
    progress = Progress()
    for n, settings in enumerate([way(2, 2), way(3, 2, "same"), way(8, 1, "valid", 2)], 1):
        found = WAYS.check(Situation(settings, kept=progress.tasks.get(WAYS.key, "")))
        assert found.done == (n == 3), found.says
        assert f"{n} of 3 ways" in found.says
        progress = read(write(progress.with_task(WAYS.key, found.keep)))
        again = WAYS.check(Situation(settings, kept=found.keep))
        assert "counted already" in again.says
        assert not again.keep
    off = WAYS.check(Situation(way(7, 1, "valid", 2), kept=progress.tasks[WAYS.key]))
    assert "The output is 16×16" in off.says
    assert not off.keep
    assert WAYS.key in tasks.done(progress.tasks)
    assert not WAYS.stands("; ".join(built.ways(progress.tasks[WAYS.key])[:2])).done


@given(
    kernel_size=st.integers(1, 9),
    strides=st.integers(1, 5),
    padding=st.sampled_from(["valid", "same", "1", "2", "3"]),
    dilation_rate=st.integers(1, 4),
)
def test_a_way_counts_where_the_output_has_the_side_and_is_read_back(
    kernel_size: int, strides: int, padding: str, dilation_rate: int
) -> None:
    found = WAYS.check(Situation(way(kernel_size, strides, padding, dilation_rate)))
    amount = int(padding) if padding.isdecimal() else padding
    try:
        side = output_size(28, kernel_size, strides, amount, dilation_rate)
    except ValueError:
        side = 0
    assert bool(found.keep) == (side == 14)
    assert built.ways(found.keep) == ([found.keep] if found.keep else [])


def test_the_picture_must_have_the_side_and_what_is_kept_is_not_trusted() -> None:
    small = WAYS.check(Situation({**way(2, 2), "padding_size": 27}))
    assert small.show == {"padding_size": 28}
    wrong = "kernel_size 3, strides 2, padding valid, dilation_rate 1"
    lies = "; ".join([wrong, "<script>", "kernel_size 2, strides 2, padding 9, dilation_rate 1"])
    assert built.ways(lies) == []
    assert not WAYS.stands(lies).done


def test_far_sight_is_had_with_three_blocks_and_not_with_two_or_large_kernels() -> None:
    def check(*blocks: Block, padding: str = "valid") -> Any:
        return SIGHT.check(Situation(spec=RunSpec(stack(blocks, [], padding=padding))))

    for padding in ("valid", "same"):
        done = check(Block(8), Block(8), Block(8), padding=padding)
        assert done.done
        assert "22×22" in done.says
    assert "sees 10×10 pixels; at least 20×20" in check(Block(16), Block(32)).says
    assert "one is 9×9" in check(Block(8, 9), Block(8, 9)).says
    assert not check(*[Block(8, 3, "none")] * 4).done
    assert "no block" in check().says
    assert "does not fit" in check(*[Block(8, 9)] * 4).says
    for name, preset in PRESETS.items():
        assert not SIGHT.check(Situation(spec=preset.spec)).done, name


def test_the_cell_that_is_told_of_sees_what_changes_it() -> None:
    """Held against the network itself: pixels whose change reaches the cell in the middle."""
    from lesson.network import forward

    network = stack([Block(4, 3, "average")] * 3, [], padding="same")
    rng = np.random.default_rng(0)
    shapes = [s for row in network.ledger for s in row.layer.weight_shapes(row.input_shape)]
    weights = [np.abs(rng.normal(size=shape)).astype(np.float32) for shape in shapes]
    pictures = np.eye(784, dtype=np.float32).reshape(784, 28, 28, 1)
    # Activations begin with the input, so the one of this number goes into Flatten.
    last = network.names.index("flatten")
    maps = forward(network, weights, np.concatenate([pictures, np.zeros_like(pictures[:1])]))[last]
    middle = maps[:, maps.shape[1] // 2, maps.shape[2] // 2]
    seen = np.argwhere((np.abs(middle[:-1] - middle[-1]).max(axis=-1) > 0).reshape(28, 28))
    height, width = np.ptp(seen, axis=0) + 1
    assert f"sees {height}×{width} pixels" in SIGHT.check(Situation(spec=RunSpec(network))).says


# Filters


def own(weights: list[list[float]], **more: Any) -> dict[str, Any]:
    settings = {"convolution_kernel": "custom", "convolution_kernel_size": len(weights), **more}
    for row, values in enumerate(weights, 1):
        for column, value in enumerate(values, 1):
            settings[f"convolution_weight_{row}_{column}"] = value
    return settings


@pytest.mark.parametrize(
    "settings",
    [
        own([[1, 0, -1], [0, 0, 0], [-1, 0, 1]]),
        own([[1, -1], [-1, 1]]),
        own([[1, -2, 1], [-2, 4, -2], [1, -2, 1]]),
        # A network's way: edges are weaker than corners, and what is weaker is cut off.
        {"convolution_kernel": "laplacian-8", "convolution_bias": -3.0, "convolution_relu": True},
    ],
)
def test_kernels_that_see_corners_only(settings: dict[str, Any]) -> None:
    found = CORNERS.check(Situation(settings))
    assert found.done, found.says
    assert len(found.keep) <= 500


@pytest.mark.parametrize(
    ("weights", "wrong"),
    [
        ([[1, 0, -1], [1, 0, -1], [1, 0, -1]], "0 along an upright edge"),
        ([[1, 1], [-1, -1]], "0 along a level edge"),
        ([[0, 0], [0, 0]], "1 or more on the checkerboard"),
        ([[0.1, -0.1], [-0.1, 0.1]], "1 or more on the checkerboard"),
        (
            [[1, -1], [-1, 1.5]],
            "0 on an even area, 0 along an upright edge and 0 along a level edge",
        ),
    ],
)
def test_other_kernels_are_told_where_they_answer_wrongly(
    weights: list[list[float]], wrong: str
) -> None:
    found = CORNERS.check(Situation(own(weights)))
    assert not found.done
    assert found.says.endswith(f"Asked for: {wrong}.")


def test_no_named_kernel_sees_corners_only_by_itself() -> None:
    for slug, family in FAMILIES.items():
        for size in range(family.smallest, 8):
            for relu in (False, True):
                settings = {
                    "convolution_kernel": slug,
                    "convolution_kernel_size": size,
                    "convolution_relu": relu,
                }
                assert not CORNERS.check(Situation(settings)).done, (slug, size, relu)


def beat(*weights: float, kernel: str = series.OWN) -> Situation:
    names = (f"beyond_weight_{n}" for n in range(1, 6))
    return Situation({"beyond_kernel": kernel, **dict(zip(names, weights, strict=False))})


def test_a_filter_of_one_s_own_finds_the_beats_and_not_the_wire() -> None:
    for weights in ((0, 1, -2, 1, 0), (0.25, -1, 1.5, -1, 0.25), (0, -0.5, 1, -0.5, 0)):
        assert BEATS.check(beat(*weights)).done, weights
    start = BEATS.check(beat(*series.OWN_START))
    assert not start.done
    assert "at time 72" in start.says
    for weights in ((-1, -1, 2, 0, 0), (1, 1, 1, 1, 1), (0, -1, 0, 1, 0)):
        assert "times as much, where 1.5 times are asked for" in BEATS.check(beat(*weights)).says
    assert "it is not seen" in BEATS.check(beat(0, 0, 0, 0, 0)).says
    named = BEATS.check(beat(0, 1, -2, 1, 0, kernel="pulse"))
    assert not named.done
    assert named.show["beyond_kernel"] == series.OWN


def test_the_beats_are_where_the_heartbeat_is_highest() -> None:
    values = series.SERIES["heartbeat"].values
    for time in series.BEATS:
        assert values[time] == values[max(0, time - 3) : time + 4].max() > 0.9
