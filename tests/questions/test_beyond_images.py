"""The questions beyond images: their answers worked out again in NumPy and Keras."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from lesson import glossary, series
from lesson.questions import bank, beyond_elsewhere
from lesson.questions.beyond_images import READS
from lesson.questions.kinds import Choice, Number
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD

OpenPage = Callable[..., AppTest]
Values = np.ndarray[Any, Any]
chosen = st.fixed_dictionaries(
    {key: st.sampled_from(list(read.allowed)) for key, read in READS.items()}
)
seeds = st.integers(0, 9_999)
few = settings(max_examples=20, deadline=None, derandomize=True)


def answers(name: str, kernel: str) -> Values:
    """A filter's answers to a series, by the times in the middle of its windows."""
    values = series.SERIES[name].values.astype(float)
    weights = series.KERNELS[kernel].values.astype(float)
    found = np.full(len(values), np.nan)
    edge = len(weights) // 2
    found[edge : len(values) - edge] = np.correlate(values, weights, "valid")
    return found


@given(values=chosen, seed=seeds)
@few
def test_the_strongest_answer_is_where_numpy_finds_it(values: dict[str, str], seed: int) -> None:
    asked = bank()["beyond_strongest"].ask(values, seed)
    assert isinstance(asked, Choice)
    name, kernel = asked.settings["beyond_series"], asked.settings["beyond_kernel"]
    assert kernel != values["beyond_kernel"]  # its answers are in the picture
    found = answers(name, kernel)
    times = {int(option.label.removeprefix("at ")): option for option in asked.options}
    (right,) = [time for time, option in times.items() if option.right]
    assert right == np.nanargmax(np.abs(found))
    assert f"answers {found[right]:.2f}.".replace("-", "−") in asked.explanation
    for time, option in times.items():
        if option.right:
            continue
        assert abs(found[time]) < 0.9 * abs(found[right])
        (told,) = re.findall(r"filter answers (.*) there", option.says)
        assert float(told.replace("−", "-")) == pytest.approx(found[time], abs=0.0051)
        if "highest" in option.says:
            assert series.SERIES[name].values[time] == series.SERIES[name].values.max()
        if "lowest" in option.says:
            assert series.SERIES[name].values[time] == series.SERIES[name].values.min()
        for key, other in series.KERNELS.items():
            if f"*{other.name}* answers most" in option.says:
                assert time == np.nanargmax(np.abs(answers(name, key)))
    # They can be told apart in the picture.
    assert min(np.diff(sorted(times))) >= 6


def conv1d(values: Values, padding: str, size: int) -> Values:
    layer = keras.layers.Conv1D(1, size, padding=padding, use_bias=False)
    layer.build((None, len(values), 1))
    layer.set_weights([np.ones((size, 1, 1))])
    return np.asarray(layer(values.reshape(1, -1, 1)))[0, :, 0]


@pytest.mark.parametrize("current", series.PADDINGS)
def test_the_padding_does_what_the_task_needs_and_the_others_do_not(current: str) -> None:
    values = np.ones(series.LENGTH)
    size = len(series.KERNELS["pulse"].values)

    def waits(padding: str) -> bool:
        """Whether an answer changes with a value that comes after it."""
        later = values.copy()
        later[61:] = 9
        before = series.LENGTH - size if padding == "valid" else 0
        change = conv1d(later, padding, size) != conv1d(values, padding, size)
        return bool(change[: 61 - (size - 1 if before else 0)].any())

    lives = {
        padding: (len(conv1d(values, padding, size)) == series.LENGTH and not waits(padding))
        for padding in series.PADDINGS
    }
    assert [padding for padding, found in lives.items() if found] == ["causal"]
    measured_only = {
        padding: bool((conv1d(values, padding, size) == size).all()) for padding in series.PADDINGS
    }
    assert [padding for padding, found in measured_only.items() if found] == ["valid"]
    asked = [bank()["beyond_alarm"].ask({"beyond_padding": current}, seed) for seed in range(9)]
    needed = {each.told(each.solution).strip("`"): each for each in asked}
    assert set(needed) == set(series.PADDINGS) - {current}  # what is set is not asked for
    words = {"causal": "as soon as", "same": "as long as the recording", "valid": "was measured"}
    for padding, each in needed.items():
        assert words[padding] in each.prompt
        assert isinstance(each, Choice)
        for option in each.options:
            if not option.right:
                assert option.show == {"beyond_padding": option.label.strip("`")}


def test_the_words_are_those_of_the_largest_sum() -> None:
    asked = bank()["beyond_words"].ask({}, 0)
    assert isinstance(asked, Choice)
    words, tones = list(series.WORDS), list(series.WORDS.values())
    pairs = list(zip(words, words[1:], tones, tones[1:], strict=False))

    def most(first: float, second: float) -> str:
        return max(((first * a + second * b, f"*{x} {y}*") for x, y, a, b in pairs))[1]

    assert asked.told(asked.solution) == most(-1, 1)
    said = {option.label: option.says for option in asked.options if not option.right}
    assert "turned" in said[most(1, -1)]
    assert "praise most" in said[most(1, 1)]
    places = {f"*{x} {y}*": place for place, (x, y, *_) in enumerate(pairs, 1)}
    assert asked.settings == {"beyond_position": places[most(-1, 1)]}
    for option in asked.options:
        if not option.right:
            assert option.show == {"beyond_position": places[option.label]}


@given(values=chosen, seed=seeds)
@few
def test_the_weights_of_a_dense_layer_are_those_of_keras(values: dict[str, str], seed: int) -> None:
    asked = bank()["beyond_shared"].ask(values, seed)
    assert isinstance(asked, Number)
    shown = asked.settings
    assert shown != values
    size = len(series.KERNELS[shown["beyond_kernel"]].values)
    count = len(conv1d(np.ones(series.LENGTH), shown["beyond_padding"], size))
    assert f"gives {count} answers" in asked.prompt
    assert f"same {size} weights" in asked.prompt
    layer = keras.layers.Dense(count, use_bias=False)
    layer.build((None, series.LENGTH))
    assert asked.right == layer.count_params()
    known = {
        "its units": count,
        "has the filter": size,
        f"would see {size} values": size * count,
        "a bias for each unit": layer.count_params() + count,
        "one unit for each value": series.LENGTH**2,
    }
    for mistake in asked.mistakes:
        assert [mistake.value] == [n for words, n in known.items() if words in mistake.says]


def test_the_explanation_counts_parameters_as_keras_does() -> None:
    asked = bank()["beyond_shared"].ask({}, 0)
    assert CNN_1.parameters > FEEDFORWARD.parameters > CNN_2.parameters
    for network in (FEEDFORWARD, CNN_1, CNN_2):
        assert f"{network.parameters:,}" in asked.explanation
    dense = keras.layers.Dense(26 * 26 * 16)
    dense.build((None, 28 * 28))
    assert f"= {dense.count_params():,}." in asked.explanation


@pytest.mark.parametrize("seed", range(8))
def test_one_of_the_data_is_of_another_sort_than_the_others(seed: int) -> None:
    asked = bank()["beyond_elsewhere"].ask({}, seed)
    assert isinstance(asked, Choice)
    fit = {each.name for each in beyond_elsewhere.FIT}
    unfit = {each.name for each in beyond_elsewhere.UNFIT}
    assert not fit & unfit
    right = asked.told(asked.solution)
    wrong = {option.label for option in asked.options} - {right}
    ones, others = (unfit, fit) if "does it not help" in asked.prompt else (fit, unfit)
    assert right in ones
    assert wrong < others
    # Where a filter is said to have been used, it is said by whom.
    assert all(re.search(r"\(.* 20\d\d, .*\)", each.source) for each in beyond_elsewhere.FIT)
    assert all(each.source in asked.explanation for each in beyond_elsewhere.FIT)


# On the page


@pytest.mark.parametrize(
    "key", ["beyond_strongest", "beyond_alarm", "beyond_words", "beyond_shared"]
)
def test_the_page_shows_the_answer(open_page: OpenPage, key: str) -> None:
    app = open_page("beyond-images")
    asked = bank()[key].ask({}, 2)
    for control, value in asked.settings.items():
        app.session_state[control] = value
    app.run()
    assert not app.exception
    for control, value in asked.settings.items():
        assert app.session_state[control] == value
    text = "\n".join(glossary.plain(part.value) for part in app.main.markdown)
    if key == "beyond_strongest":
        assert f" {asked.told(asked.solution).replace('at', 'at time')}." in text
    elif key == "beyond_alarm":
        assert f"{asked.told(asked.solution).replace('`', '**')}: " in text
    elif key == "beyond_words":
        assert "not −1 × −1 + good 1 × 1 = 2" in text
    else:
        (count,) = re.findall(r"gives (\d+) answers", asked.prompt)
        assert re.search(rf"= {count} answers|give {count} answers", text)
