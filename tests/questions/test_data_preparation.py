"""The questions of data preparation, held against NumPy and Keras."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesson import mnist
from lesson.preparation import in_words
from lesson.questions import bank
from lesson.questions.kinds import Blank, Cell, Choice
from tests.conftest import OpenPage, picture

SEEDS = st.integers(0, 9_999)
DATA = mnist.load()


def asked(key: str, seed: int) -> Any:
    return bank()[key].ask({}, seed)


def value_of(line: str, **names: Any) -> Any:
    """What a line gives the name that it begins with, or what it is."""
    import keras

    scope = {"np": np, "keras": keras, "utils": keras.utils, **names}
    scope["to_categorical"] = keras.utils.to_categorical
    before = dict(names)
    if re.match(r"\w+ (/)?= ", line):
        exec(line, scope)
        return next(scope[name] for name in before)
    return eval(line, scope)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS)
def test_whole_numbers_leave_what_integer_division_leaves(seed: int) -> None:
    question = asked("data_whole", seed)
    assert isinstance(question, Choice)
    image = DATA.x_test[question.settings["digit"]]
    right = question.options[question.solution].picture
    np.testing.assert_array_equal(right, np.where(image == 255, 1, 0))
    assert right is not None
    assert f"Of this digit {int(right.sum())} of {(image > 0).sum()} pixels" in question.explanation
    told = {option.says[:13]: option.picture for option in question.options}
    np.testing.assert_allclose(told["That is `/ 25"], image / 255, rtol=1e-6)
    np.testing.assert_array_equal(told["That is round"], image >= 128)
    assert f"this {DATA.y_test[question.settings['digit']]}," in question.prompt


@pytest.mark.parametrize("seed", range(40))
def test_every_right_line_for_the_pictures_does_what_the_comment_says(seed: int) -> None:
    question = asked("data_pictures", seed)
    assert isinstance(question, Blank)
    name = re.findall(r"x_\w+", question.prompt)[0]
    if "255" in question.prompt:
        pictures = np.array([[0.0, 51.0, 255.0]], np.float32)
        for line in question.right:
            np.testing.assert_allclose(value_of(line, **{name: pictures.copy()}), pictures / 255)
        for mistake in question.mistakes:
            found = value_of(mistake.value, **{name: pictures.copy()})
            assert not np.allclose(found, pictures / 255), mistake.value
        return
    count, *rest = map(int, re.findall(r"\d+", question.before.split("is")[1]))
    pictures = np.zeros((count, *rest), np.uint8)
    shape = tuple(map(int, re.findall(r"\d+", question.after.split("is")[1])))
    assert shape[0] == count
    for line in question.right:
        assert value_of(line, **{name: pictures}).shape == shape, line
    for mistake in question.mistakes:
        try:
            found = value_of(mistake.value, **{name: pictures})
        except ValueError:
            continue  # so many values do not fit into one picture
        assert found.shape != shape, mistake.value


@pytest.mark.parametrize("seed", range(12))
def test_every_right_line_for_the_labels_makes_them_one_hot(seed: int) -> None:
    question = asked("data_labels", seed)
    assert isinstance(question, Blank)
    name = re.findall(r"y_\w+", question.prompt)[0]
    classes = int(re.findall(r"0 to (\d+)", question.prompt)[0]) + 1
    labels = np.arange(classes)[::-1].copy()
    for line in question.right:
        found = np.asarray(value_of(line, **{name: labels.copy()}))
        np.testing.assert_array_equal(found, np.eye(classes)[labels], line)
    for mistake in question.mistakes:
        try:
            found = np.asarray(value_of(mistake.value, **{name: labels.copy()}))
        except (NameError, IndexError, ValueError):
            continue
        assert found.shape != (classes, classes), mistake.value


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_the_cheapest_answer_of_one_who_cannot_decide_is_found_by_trying_all(seed: int) -> None:
    question = asked("data_torn", seed)
    low, high = map(int, re.findall(r"a digit is an? (\d) or an? (\d)", question.prompt)[0])
    costs = [((answer - low) ** 2 + (answer - high) ** 2) / 2 for answer in range(10)]
    cheapest = int(np.argmin(costs))
    assert sorted(costs)[1] > costs[cheapest]
    assert question.options[question.solution].label == str(cheapest)
    assert f"only {costs[cheapest]:g}," in question.explanation
    for option in question.options:
        if not option.right:
            assert f"{costs[low]:g} on average" in option.says
    assert DATA.y_test[question.settings["digit"]] == low
    assert question.settings["data_wrong_answer"] == cheapest


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_the_one_stands_where_keras_puts_it(seed: int) -> None:
    import keras

    question = asked("data_one_hot", seed)
    assert isinstance(question, Cell)
    label = int(re.findall(r"\*\*(\d)\*\*", question.prompt)[0])
    row = keras.utils.to_categorical([label], 10)
    assert question.right == {(0, int(row.argmax()))}
    assert not question.values.any()
    assert all(cell not in question.right and 0 <= cell[1] < 10 for cell in question.near)
    assert DATA.y_test[question.settings["digit"]] == label


@pytest.mark.parametrize(("key", "seed"), [("data_whole", 2), ("data_one_hot", 5)])
def test_the_reveal_shows_the_digit_that_was_asked_about(
    open_page: OpenPage, key: str, seed: int
) -> None:
    question = asked(key, seed)
    app = open_page("data-preparation", digit=str(question.settings["digit"]))
    pixels = picture(app, "data_pixels").arrays[0]
    cells = np.ravel(picture(app, "data_one_hot").arrays)
    if isinstance(question, Choice):
        right = question.options[question.solution].picture
        np.testing.assert_array_equal(pixels == 255, right == 1)
    else:
        assert {(0, place) for place in np.flatnonzero(cells)} == set(question.right)


def test_the_reveal_marks_the_cheapest_answer(open_page: OpenPage) -> None:
    question = asked("data_torn", 0)
    chosen = question.settings
    app = open_page(
        "data-preparation",
        digit=str(chosen["digit"]),
        data_wrong_answer=str(chosen["data_wrong_answer"]),
    )
    said = "\n".join(part.value for part in app.markdown)
    assert f"**→ {chosen['data_wrong_answer']} ←**" in said
    label = int(DATA.y_test[chosen["digit"]])
    assert in_words(label, chosen["data_wrong_answer"])[:40] in said
