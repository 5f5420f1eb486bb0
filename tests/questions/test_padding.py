"""The padding page's questions, held against Keras and against what the page then shows."""

from __future__ import annotations

import math
import re
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from keras import layers

from lesson import mnist, worth
from lesson.padded import WITH, WITHOUT
from lesson.questions import bank, variants
from lesson.questions.kinds import Blank, Cell, Choice, Number, Settings
from lesson.runs import RunStore
from tests.conftest import picture
from tests.pages.test_padding import counted, inside
from tests.questions.shown import address, asked, few, says

SLUG = "padding"


def starts(room: int, settings: Settings) -> range:
    """Where windows can begin in so many rows."""
    size, step = settings["padding_kernel_size"], settings["padding_strides"]
    return range(0, room - size + 1, step)


def said(app: Any) -> str:
    return "\n".join(part.value for part in app.markdown)


@few
@given(asked("padding_rows"))
def test_the_rows_are_the_places_where_a_window_can_begin_and_so_are_the_mistakes(
    question: Choice,
) -> None:
    settings, size = question.settings, question.settings["padding_size"]
    pixels = {"valid": 0, "1": 1, "2": 2, "3": 3}[settings["padding_padding"]]
    right = len(starts(size + 2 * pixels, settings))
    assert question.told(question.solution) == f"{right:,}"
    for label, why in says(question).items():
        value = int(label.replace(",", ""))
        if "padding was forgotten" in why:
            assert value == len(starts(size, settings))
        elif "padding counts twice" in why:
            assert value == len(starts(size + pixels, settings))
        elif "strides were forgotten" in why:
            assert value == len(starts(size + 2 * pixels, {**settings, "padding_strides": 1}))
        elif "keeps its size" in why:
            assert value == size
        elif "first window was forgotten" in why:
            assert value == right - 1
        else:
            room = size + 2 * pixels - settings["padding_kernel_size"]
            over = room % settings["padding_strides"]
            assert value == right + 1
            assert ("a step too many" in why) == (over == 0)
            if over:
                assert value == math.ceil(room / settings["padding_strides"]) + 1
                assert f"Left over: {over} of {size + 2 * pixels} rows" in why


@few
@given(asked("padding_corner"))
def test_the_corner_counts_as_often_as_keras_uses_it(question: Number) -> None:
    settings = question.settings
    counts = counted(settings["padding_size"], address(settings))
    assert question.right == counts[0, 0] > 1
    one = math.isqrt(question.right)
    for value, why in says(question).items():
        if "without padding" in why:
            valid = address(settings, {"padding_padding": "valid"})
            assert value == counted(settings["padding_size"], valid)[0, 0] == 1
        elif "in one direction" in why:
            assert value == one
        elif "multiply" in why:
            assert value in (2 * one, 2 * one - 1)
        elif "strides were forgotten" in why:
            (above,) = map(int, re.findall(r"above the picture: (\d)", question.explanation))
            reaching = [n for n in range(-above, 1) if n + settings["padding_kernel_size"] > 0]
            assert value == len(reaching) ** 2
            assert settings["padding_strides"] > 1
        elif "farther inside" in why:
            assert value == counts.max()
        else:
            assert value == settings["padding_kernel_size"] ** 2


@few
@given(asked("padding_unused"))
def test_right_are_all_pixels_that_keras_does_not_use(question: Cell) -> None:
    counts = counted(question.settings["padding_size"], address(question.settings))
    assert question.right == {tuple(cell) for cell in np.argwhere(counts == 0).tolist()}
    assert f"{len(question.right)} of {counts.size} pixels" in question.explanation
    assert not question.values.any()  # the picture gives nothing away


def test_padding_costs_parameters_in_the_dense_layer_alone() -> None:
    def count(padding: str) -> dict[str, int]:
        model = keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(16, 3, padding=padding),
                layers.MaxPooling2D(2),
                layers.Flatten(),
                layers.Dense(128),
                layers.Dense(10),
            ]
        )
        names = ("convolution", "pooling", "flatten", "Dense", "output")
        return dict(zip(names, (layer.count_params() for layer in model.layers), strict=True))

    valid, same = count("valid"), count("same")
    assert [name for name in valid if valid[name] != same[name]] == ["Dense"]
    question = bank()["padding_cost"].ask({}, 0)
    assert question.told(question.solution) == "The Dense layer behind it"
    assert f"{same['Dense'] - valid['Dense']:,} weights more" in question.explanation
    assert f"{same['Dense'] - valid['Dense']:,} more" in (
        bank()["padding_digits"].ask({}, 0).explanation
    )


def tried(name: str, *accuracies: float) -> worth.Tried:
    return worth.Tried(name, worth.VARIANTS[name], accuracies, (), 2.0)


@pytest.mark.parametrize(
    ("same", "right"),
    [
        ((0.984, 0.985, 0.986), "better"),
        ((0.977, 0.978, 0.979), "worse"),
        ((0.979, 0.981, 0.985), "Nothing that chance"),
        ((0.984, 0.985), "too few"),
        ((), "too few"),
    ],
)
def test_what_padding_gave_is_what_the_trainings_bear_out(
    monkeypatch: pytest.MonkeyPatch, same: tuple[float, ...], right: str
) -> None:
    rows = {WITHOUT: tried(WITHOUT, 0.980, 0.982, 0.983)}
    if same:
        rows[WITH] = tried(WITH, *same)
    monkeypatch.setattr(variants, "known", lambda: rows)
    question = bank()["padding_digits"].ask({}, 0)
    assert right in question.told(question.solution)
    assert len(says(question)) == 3  # type: ignore[arg-type]
    assert same or "missing from assets" in question.explanation


def test_what_ships_says_that_padding_gave_nothing_beyond_chance_here() -> None:
    known = {row.name: row.accuracies for row in worth.tried(RunStore())}
    valid, same = known[WITHOUT], known[WITH]
    assert min(map(len, (valid, same))) == 5
    assert min(same) <= max(valid)
    assert max(same) >= min(valid)
    question = bank()["padding_digits"].ask({}, 0)
    assert question.told(question.solution) == "Nothing that chance does not do as well"
    digits = mnist.load().x_test
    ink = digits.any(axis=(1, 2)) & ~np.isclose(
        digits.sum(axis=(1, 2)), digits[:, 1:-1, 1:-1].sum(axis=(1, 2))
    )
    assert f"{ink.sum()} of 10,000 test digits have ink" in question.explanation


@few
@given(asked("padding_worth"))
def test_a_picture_has_room_for_as_many_layers_as_keras_lets_one_stack(question: Choice) -> None:
    settings = question.settings
    side, size = settings["padding_size"], settings["padding_kernel_size"]
    shape, fit = (None, side, side, 1), 0
    layer = layers.Conv2D(1, size)
    while True:
        try:
            shape = layer.compute_output_shape(shape)
        except ValueError:
            break
        if min(shape[1:3]) < 1:
            break
        fit += 1
    assert f"{side}×{side} has room for {fit}." in question.explanation
    deep = [option for option in question.options if "convolutions of" in option.label]
    for option in deep:
        assert option.right
        assert option.label.startswith(f"{fit + 1} convolutions of {size}×{size}")
    assert f"a pixel inside {size**2} times" in question.explanation


@few
@given(asked("padding_line"))
def test_the_line_keeps_the_size_in_keras_however_it_is_written(question: Blank) -> None:
    layer = eval(question.solution, {"layers": layers})
    shape = layer.compute_output_shape((None, 28, 28, 1))[1:]
    assert shape == (28, 28, 16)
    assert question.after.endswith("×".join(map(str, shape)))
    size = layer.kernel_size[0]
    assert question.judge(f"model.add(Conv2D(16, ({size}, {size}), padding='same'))").right
    explicit = question.judge(f"Conv2D(16, {size}, padding='valid')")
    small = 28 - size + 1
    assert f"{small}×{small}×16" in explicit.says
    assert not explicit.right


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_page_shows_the_rows_the_corner_and_the_unused_pixels(
    open_page: Any, seed: int
) -> None:
    mine = {"padding_padding": "1", "padding_kernel_size": 4, "padding_size": 9}
    rows = bank()["padding_rows"].ask(mine, seed)
    app = open_page(SLUG, **address(rows.settings))
    side = rows.told(rows.solution)
    assert f"The output has {side}×{side} cells" in said(app)
    corner = bank()["padding_corner"].ask(mine, seed)
    app = open_page(SLUG, **address(corner.settings))
    assert inside(picture(app, "padding_coverage"))[0, 0] == corner.solution
    unused = bank()["padding_unused"].ask(mine, seed)
    assert isinstance(unused, Cell)
    counts = inside(picture(open_page(SLUG, **address(unused.settings)), "padding_coverage"))
    assert {tuple(cell) for cell in np.argwhere(counts == 0).tolist()} == unused.right


def test_the_page_shows_the_table_the_line_and_what_swapping_does(open_page: Any) -> None:
    line = bank()["padding_line"].ask({"padding_kernel_size": 5}, 0)
    app = open_page(SLUG, **address(line.settings))
    assert app.code[0].value == f"x = {line.solution}(images)"
    more = re.findall(
        r"([\d,]+) more, in the Dense", bank()["padding_digits"].ask({}, 0).explanation
    )
    assert f"has {more[0]} weights more" in said(app)
    swapped = [
        option
        for seed in range(20)
        for option in bank()["padding_worth"].ask({}, seed).options  # type: ignore[attr-defined]
        if option.show
    ]
    deep = bank()["padding_worth"].ask({}, 0)
    app = open_page(SLUG, **address(deep.settings, swapped[0].show))
    result = picture(app, "padding_digit").array("output")
    assert result[0].all()  # an edge that is not in the picture
