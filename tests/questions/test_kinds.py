"""The kinds of question, and the line that is read without being run."""

from __future__ import annotations

import re
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesson.layers import Conv2D, Dense, Flatten, MaxPooling2D
from lesson.questions.keras_line import Line, LineError
from lesson.questions.kinds import (
    Blank,
    Cell,
    Choice,
    Mistake,
    Number,
    Option,
    Order,
    code,
    numbers,
)

ABOUT = {"prompt": "?", "explanation": "!"}


@pytest.mark.parametrize(
    ("source", "layer"),
    [
        ("Dense(32, 'relu')", Dense(32, "relu")),
        ('model.add(layers.Dense(units=32, activation="relu"))', Dense(32, "relu")),
        ("keras.layers.Dense(activation='relu', units=32),", Dense(32, "relu")),
        ("Conv2D(16, (3, 3), input_shape=(28, 28, 1))", Conv2D(16, 3)),
        ("cnn_model.add(MaxPooling2D(pool_size=(2,2)))", MaxPooling2D(2)),
        ("  Flatten()  ", Flatten()),
    ],
)
def test_lines_that_make_the_same_layer_are_one_line(source: str, layer: object) -> None:
    assert Line.of(source).layer == layer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x_train / 255", "x_train/255.0"),
        ("keras.utils.to_categorical(y_train, 10)", "to_categorical(y_train, 10)"),
        ("x = x_train.reshape(-1, 28, 28, 1)", "x=x_train.reshape(-1,28,28,1)"),
    ],
)
def test_other_lines_are_compared_as_they_are_written_by_python(one: str, other: str) -> None:
    assert Line.of(one) == Line.of(other)


@pytest.mark.parametrize(
    "other", ["x_train / 256", "x_test / 255", "x_train // 255", "255 / x_train"]
)
def test_another_line_is_another(other: str) -> None:
    assert Line.of("x_train / 255") != Line.of(other)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("Dense(", "not a line of Python"),
        ("", "One line is missing here, but these are 0"),
        ("a = 1; b = 2", "these are 2"),
        ("Dense()", "Dense needs a value for units"),
        ("Dense(32, units=4)", "units is given twice"),
        ("Dense(32, padding='same')", "Dense has no padding here"),
        ("Dense(2, 'relu', 3)", "at most 2 values"),
        ("Dense(n)", "must be a number or a word in quotes"),
        ("Dense(-1)", "units must be a whole number"),
        ("Dense(10**9)", "must be a number or a word in quotes"),
        ("Conv2D(16, activation='swish')", "activation must be one of"),
        ("Dense(**{'units': 3})", "Dense has no **"),
    ],
)
def test_what_is_no_line_is_refused_in_a_sentence(source: str, says: str) -> None:
    with pytest.raises(LineError, match=re.escape(says)):
        Line.of(source)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(source: str) -> None:
    with suppress(LineError):
        assert Line.of(source) == Line.of(source)


def test_a_line_is_never_run() -> None:
    assert Line.of("__import__('os').abort()").layer is None
    for source in ("Dense(__import__('os').abort())", "(" * 500, "-" * 5000 + "1"):
        with pytest.raises(LineError):
            Line.of(source)


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_typed_code_cannot_leave_its_code(typed: str) -> None:
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark").render(f"You said {code(typed + 'x')}.")
    assert html.count("<") == 4, html  # <p>, <code>, </code>, </p>


def test_a_choice_has_one_right_answer_and_no_two_alike() -> None:
    right, wrong = Option("4", "yes", right=True), Option("5", "no")
    Choice(options=(right, wrong), **ABOUT)
    for options in (
        (right,),
        (right, right),
        (wrong, Option("6", "no")),
        (right, Option("4", "no")),
    ):
        with pytest.raises(ValueError, match=r"options|One option"):
            Choice(options=options, **ABOUT)


def test_numbers_to_choose_from_leave_out_mistakes_that_come_to_the_same() -> None:
    options = numbers(
        5, "yes", [Mistake(5, "same"), Mistake(4, "a"), Mistake(4, "b"), Mistake(9, "c")]
    )
    assert [(each.label, each.says, each.right) for each in options] == [
        ("4", "a", False),
        ("5", "yes", True),
        ("9", "c", False),
    ]
    with pytest.raises(ValueError, match="every mistake"):
        numbers(5, "yes", [Mistake(5, "same")])


def test_a_number_that_is_no_known_mistake_is_said_to_be_too_large_or_too_small() -> None:
    number = Number(right=10, mistakes=(Mistake(9, "bias forgotten"),), unit="parameters", **ABOUT)
    assert number.judge(10).right
    assert number.judge(9).says == "bias forgotten"
    assert "more" in number.judge(11).says
    assert "fewer" in number.judge(3).says
    assert number.told(1234) == "1,234 parameters"
    assert number.told(1) == "1 parameter"


def test_a_cell_may_be_right_in_several_places() -> None:
    cell = Cell(
        values=np.eye(3), right=frozenset({(0, 0), (1, 1)}), near={(0, 1): "beside"}, **ABOUT
    )
    assert [cell.judge(at).right for at in ((0, 0), (1, 1), (2, 2))] == [True, True, False]
    assert cell.judge((0, 1)).says == "beside"
    assert cell.problem((3, 0))
    assert cell.problem((True, 0))
    with pytest.raises(ValueError, match="Right are some"):
        Cell(values=np.eye(2), right=frozenset({(2, 0)}), **ABOUT)


def test_an_order_says_where_it_first_goes_another_way() -> None:
    order = Order(items=("fit", "compile", "evaluate"), right=(1, 0, 2), **ABOUT)
    assert order.judge((1, 0, 2)).right
    assert "begins with *compile*" in order.judge((0, 1, 2)).says
    assert "place 2, with *fit*" in order.judge((1, 2, 0)).says
    assert "Not in the order yet: evaluate" in str(order.problem((1, 0)))
    assert order.problem((0, 0, 1)) is not None
    with pytest.raises(ValueError, match="already stand"):
        Order(items=("a", "b"), right=(0, 1), **ABOUT)


def test_a_blank_knows_right_lines_and_mistakes_however_they_are_written() -> None:
    blank = Blank(
        right=("layers.Dense(10, activation='softmax')",),
        mistakes=(Mistake("Dense(10)", "no softmax"), Mistake("Dense(units=10)", "never said")),
        **ABOUT,
    )
    assert blank.judge("model.add(Dense(10, 'softmax'))").right
    assert blank.judge("Dense(units = 10)").says == "no softmax"
    assert len(blank.mistakes) == 1
    assert blank.problem("x" * 201)
    assert blank.problem("   ")
