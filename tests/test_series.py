"""The filter over a series against Keras's own."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from lesson.errors import LessonError
from lesson.series import (
    KERNELS,
    NOT_GOOD,
    PADDINGS,
    SERIES,
    WORDS,
    best_words,
    conv1d,
    keras_code,
    padding_in_words,
    slide,
    strongest,
    sum_in_words,
)


@settings(max_examples=150, deadline=None)
@given(
    length=some.integers(1, 24),
    channels=some.integers(1, 4),
    filters=some.integers(1, 3),
    kernel_size=some.integers(1, 7),
    steps=some.sampled_from([(1, 1), (2, 1), (3, 1), (5, 1), (1, 2), (1, 3)]),
    padding=some.sampled_from(PADDINGS),
    seed=some.integers(0, 2**32 - 1),
)
def test_a_filter_over_a_series_is_that_of_keras(
    length: int,
    channels: int,
    filters: int,
    kernel_size: int,
    steps: tuple[int, int],
    padding: str,
    seed: int,
) -> None:
    strides, dilation_rate = steps
    reach = (kernel_size - 1) * dilation_rate + 1
    length = max(length, reach) if padding == "valid" else length
    random = np.random.default_rng(seed)
    batch = random.normal(size=(2, length, channels)).astype(np.float32)
    kernel = random.normal(size=(kernel_size, channels, filters)).astype(np.float32)
    ours = conv1d(batch, kernel, strides=strides, padding=padding, dilation_rate=dilation_rate)
    layer = keras.layers.Conv1D(
        filters,
        kernel_size,
        strides=strides,
        padding=padding,
        dilation_rate=dilation_rate,
        use_bias=False,
    )
    layer.build(batch.shape)
    layer.set_weights([kernel])
    np.testing.assert_allclose(ours, np.asarray(layer(batch)), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("name", KERNELS)
def test_the_keras_lines_give_the_answer_that_is_shown(name: str, padding: str) -> None:
    kernel, values = KERNELS[name].values, SERIES["heartbeat"].values
    known = {"layers": keras.layers, "np": np, "series": values}
    exec(keras_code(kernel, padding), known)
    # The lines hold four digits of each weight.
    np.testing.assert_allclose(slide(values, kernel, padding), known["answer"], atol=1e-3)


@pytest.mark.parametrize("place", [0, 57, 119])
@pytest.mark.parametrize("name", KERNELS)
def test_with_causal_padding_no_answer_depends_on_what_comes_later(name: str, place: int) -> None:
    values = SERIES["temperature"].values.copy()
    before = slide(values, KERNELS[name].values, "causal")
    values[place] += 100
    after = slide(values, KERNELS[name].values, "causal")
    np.testing.assert_array_equal(before[:place], after[:place])
    assert (before != after).any()


@pytest.mark.parametrize(
    ("shape", "kernel", "padding"),
    [((9,), (3, 1, 1), "valid"), ((9, 1), (3,), "valid"), ((9, 1), (3, 1, 1), "full")],
)
def test_what_does_not_go_together_is_told(
    shape: tuple[int, ...], kernel: tuple[int, ...], padding: str
) -> None:
    with pytest.raises(LessonError, match=r"series\[:, None\]"):
        conv1d(np.zeros(shape), np.zeros(kernel), padding=padding)


def test_a_filter_longer_than_the_series_is_told() -> None:
    with pytest.raises(LessonError, match="kernel_size=3"):
        slide([1.0, 2.0], [1.0, 1.0, 1.0])


def test_a_step_is_found_by_its_difference_and_nothing_else_is() -> None:
    values = SERIES["steps"].values
    answer = slide(values, KERNELS["difference"].values, "same")
    jumps = np.flatnonzero(np.diff(values))
    assert set(np.flatnonzero(np.abs(answer[1:-1]) > 1e-6) + 1) == {
        place for jump in jumps for place in (jump, jump + 1)
    }


def test_the_moving_average_shows_the_wave_behind_the_noise() -> None:
    values = SERIES["noisy_wave"].values
    smooth = slide(values, KERNELS["moving_average"].values)
    wave = np.sin(2 * np.pi * np.arange(len(values)) / 40)[3:-3]
    assert np.corrcoef(smooth, wave)[0, 1] > np.corrcoef(values[3:-3], wave)[0, 1] + 0.03


def test_the_heartbeat_filter_finds_every_beat_and_not_the_wire() -> None:
    answer = slide(SERIES["heartbeat"].values, KERNELS["pulse"].values)
    beats = np.flatnonzero(answer > 0.8)
    assert len(beats) == 6
    assert np.delete(answer, beats).max() < 0.6
    assert not set(range(70, 80)) & set(beats + 6)


@pytest.mark.parametrize("kernel_size", [1, 2, 3, 7, 13])
@pytest.mark.parametrize("padding", PADDINGS)
def test_the_sentence_on_padding_names_the_true_number_of_answers(
    padding: str, kernel_size: int
) -> None:
    count = len(slide(np.zeros(120), np.ones(kernel_size), padding))
    assert f"{count} answers" in padding_in_words(padding, 120, kernel_size)


@pytest.mark.parametrize(("padding", "time"), [("valid", 9), ("same", 9), ("causal", 10)])
def test_the_strongest_answer_is_told_where_it_is_drawn(padding: str, time: int) -> None:
    values = np.zeros(20)
    values[9] = -4.0
    answer = slide(values, [0.0, 0.5, 0.0], padding)
    assert strongest(answer, 20) == f"The strongest answer is −2 at time {time}."


def test_the_sum_over_words_is_the_answer_of_the_filter() -> None:
    answers = slide(list(WORDS.values()), NOT_GOOD)
    for place, answer in enumerate(answers):
        said = sum_in_words(WORDS, NOT_GOOD, place).rpartition("= ")[2]
        assert float(said.replace("−", "-")) == pytest.approx(float(answer), abs=1e-6)
    assert best_words(WORDS, NOT_GOOD) == "not good"


def test_the_shared_numbers_cannot_be_changed() -> None:
    for named in (*SERIES.values(), *KERNELS.values()):
        with pytest.raises(ValueError, match="read-only"):
            named.values[0] = 1
