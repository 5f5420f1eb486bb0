"""Controls, driven through small apps: what the address says, and what is kept.

AppTest has no browser: its address holds what the server wrote, not what a reader moved.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from lesson.ui import controls


def one_of_each() -> None:
    import streamlit as st

    from lesson.ui import controls

    st.session_state["values"] = {
        "size": controls.slider("Size", "size", 3, 11, 5, step=2),
        "rate": controls.slider("Rate", "rate", 0.0, 0.9, 0.0, step=0.1),
        "digit": controls.number("Digit", "digit", 0, 9999, 7),
        "share": controls.number("Share", "share", 0.0, 1.0, 0.5, step=0.25),
        "kernel": controls.select("Kernel", "kernel", ["blur", "edge"], "blur", str.upper),
        "padding": controls.segmented("Padding", "padding", ["valid", "same"], "valid"),
        "relu": controls.toggle("ReLU", "relu", True),
    }


DEFAULTS = {
    "size": 5,
    "rate": 0.0,
    "digit": 7,
    "share": 0.5,
    "kernel": "blur",
    "padding": "valid",
    "relu": True,
}


def opened(address: dict[str, str | list[str]]) -> AppTest:
    app = AppTest.from_function(one_of_each, default_timeout=30)
    app.query_params.update(address)
    app.run()
    assert not app.exception
    return app


def values(app: AppTest) -> dict[str, object]:
    return app.session_state["values"]


def test_without_an_address_every_control_shows_its_default() -> None:
    app = opened({})
    assert values(app) == DEFAULTS
    assert app.query_params == {}


def test_an_address_restores_every_control() -> None:
    address = {
        "size": "9",
        "rate": "0.3",
        "digit": "1234",
        "share": "0.25",
        "kernel": "EDGE",
        "padding": "same",
        "relu": "false",
    }
    app = opened(dict(address))
    assert values(app) == {
        "size": 9,
        "rate": 0.3,
        "digit": 1234,
        "share": 0.25,
        "kernel": "edge",
        "padding": "same",
        "relu": False,
    }
    assert app.query_params == address


@pytest.mark.parametrize(
    ("key", "text", "value", "address"),
    [
        ("size", "999", 11, "11"),
        ("size", "-5", 3, "3"),
        ("size", "8.7", 9, "9"),
        ("size", "9.0", 9, "9"),
        ("rate", "0.34", 0.3, "0.3"),
        ("rate", "-1", 0.0, None),
        ("digit", "123456", 9999, "9999"),
        ("digit", "-1", 0, "0"),
        ("digit", "3.7", 4, "4"),
        ("share", "7", 1.0, "1.0"),
        ("kernel", "edge", "edge", "EDGE"),
        ("relu", "False", False, "false"),
        ("size", ["9", "7"], 7, "7"),
        ("padding", ["valid", "same"], "same", "same"),
    ],
)
def test_a_value_from_the_address_is_moved_to_the_nearest_valid_one(
    key: str, text: str | list[str], value: object, address: str | None
) -> None:
    app = opened({key: text})
    assert values(app) == DEFAULTS | {key: value}
    assert app.query_params == ({} if address is None else {key: address})


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "-1e999", "9" * 5000, "🙂\0", "[1]"])
def test_nonsense_in_the_address_gives_the_default_and_is_removed(text: str) -> None:
    app = opened(dict.fromkeys(DEFAULTS, text))
    assert values(app) == DEFAULTS
    assert app.query_params == {}


def test_unknown_keys_in_the_address_are_left_alone() -> None:
    app = opened({"size": "999", "colour": "blue", "sizes": "3"})
    assert values(app) == DEFAULTS | {"size": 11}
    assert app.query_params == {"size": "11", "colour": "blue", "sizes": "3"}


def test_several_wrong_values_are_corrected_together() -> None:
    app = opened({"size": "999", "digit": "-3", "padding": "reflect", "kernel": "edge"})
    assert values(app) == DEFAULTS | {"size": 11, "digit": 0, "kernel": "edge"}
    assert app.query_params == {"size": "11", "digit": "0", "kernel": "EDGE"}


def many() -> None:
    import streamlit as st

    from lesson.ui import controls

    st.session_state["values"] = [
        (
            controls.slider(f"Size {index}", f"size_{index}", 3, 11, 5, step=2),
            controls.number(f"Digit {index}", f"digit_{index}", 0, 9999, 7),
            controls.select(f"Kernel {index}", f"kernel_{index}", ["blur", "edge"], "blur"),
        )
        for index in range(4)
    ]


@settings(max_examples=15, deadline=None)
@given(
    texts=some.lists(
        some.one_of(
            some.text(),
            some.floats().map(str),
            some.integers().map(str),
            some.sampled_from(["edge", "blur", "Edge", "7", "8", " 9 ", "3_0"]),
        ),
        min_size=4,
        max_size=4,
    )
)
def test_any_text_leaves_a_number_nearest_to_it_and_a_choice_among_its_options(
    texts: list[str],
) -> None:
    app = AppTest.from_function(many, default_timeout=30)
    for index, text in enumerate(texts):
        for name in ("size", "digit", "kernel"):
            app.query_params[f"{name}_{index}"] = text
    app.run()
    assert not app.exception

    for text, (size, digit, kernel) in zip(texts, app.session_state["values"], strict=True):
        assert kernel == ("edge" if text == "edge" else "blur")
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            assert size in (3, 5, 7, 9, 11)
            assert abs(size - min(max(number, 3), 11)) <= 1
            assert abs(digit - min(max(number, 0), 9999)) <= 0.5
        else:
            assert (size, digit) == (5, 7)


def following() -> None:
    import streamlit as st

    from lesson.ui import controls

    size = controls.number("Size", "size", 1, 28, 12)
    strides = controls.slider("Strides", "strides", 1, size, 2)
    digit = controls.number("Digit", "digit", 0, size, 0)
    options = ["valid", "same"] if size > 3 else ["valid"]
    padding = controls.select("Padding", "padding", options, "valid")
    st.session_state["values"] = (strides, digit, padding)


def test_a_kept_value_follows_its_bounds_and_stays_within() -> None:
    app = AppTest.from_function(following, default_timeout=30).run()
    app.select_slider(key="strides").set_value(9)
    app.number_input(key="digit").set_value(8)
    app.selectbox(key="padding").set_value("same").run()
    assert values(app) == (9, 8, "same")

    app.number_input(key="size").set_value(10).run()
    assert values(app) == (9, 8, "same")

    app.number_input(key="size").set_value(3).run()
    assert values(app) == (3, 3, "valid")
    assert app.query_params == {"strides": "3", "digit": "3"}

    app.number_input(key="size").set_value(20).run()
    assert values(app) == (3, 3, "valid")
    assert not app.exception


def test_a_slider_without_a_choice_shows_the_only_value() -> None:
    app = AppTest.from_function(following, default_timeout=30)
    app.query_params.update({"size": "1", "strides": "9"})
    app.run()
    assert not app.exception
    assert app.select_slider(key="strides").value == 1
    assert app.select_slider(key="strides").disabled


def test_a_slider_refuses_more_stops_than_it_can_show() -> None:
    with pytest.raises(ValueError, match="from 0 to 9999 in steps of 1"):
        controls.slider("Digit", "digit", 0, 9999, 0)


def listed() -> None:
    import streamlit as st

    from lesson.ui import controls

    layers = controls.slider("Hidden layers", "hidden_layers", 1, 4, 2)
    st.session_state["values"] = [
        controls.slider(f"Units {index}", f"units_{index}", 8, 128, 32, step=8)
        for index in range(1, layers + 1)
    ]


def test_a_control_that_was_gone_for_a_while_returns_with_its_value() -> None:
    app = AppTest.from_function(listed, default_timeout=30).run()
    app.select_slider(key="units_2").set_value(64).run()
    assert values(app) == [32, 64]
    app.select_slider(key="hidden_layers").set_value(1).run()
    assert values(app) == [32]
    assert "units_2" not in app.query_params
    app.select_slider(key="hidden_layers").set_value(3).run()
    assert values(app) == [32, 64, 32]
    assert app.query_params["units_2"] == "64"


def test_values_survive_leaving_the_page_and_stand_in_the_address_on_return(
    tmp_path: Path,
) -> None:
    (tmp_path / "first.py").write_text(
        "from lesson.ui import controls\n"
        "controls.slider('Strides', 'first_strides', 1, 4, 1)\n"
        "controls.toggle('Flip', 'first_flip')\n"
        "controls.number('Digit', 'digit', 0, 9999, 0)\n"
    )
    (tmp_path / "second.py").write_text(
        "from lesson.ui import controls\ncontrols.number('Digit', 'digit', 0, 9999, 0)\n"
    )
    router = tmp_path / "router.py"
    router.write_text(
        "import streamlit as st\nst.navigation([st.Page('first.py'), st.Page('second.py')]).run()\n"
    )
    app = AppTest.from_file(str(router), default_timeout=30).run()
    app.select_slider(key="first_strides").set_value(3)
    app.toggle(key="first_flip").set_value(True)
    app.number_input(key="digit").set_value(42).run()

    app.switch_page("second.py").run()
    assert app.number_input(key="digit").value == 42
    assert "first_strides" not in app.query_params

    app.switch_page("first.py").run()
    assert not app.exception
    assert app.select_slider(key="first_strides").value == 3
    assert app.toggle(key="first_flip").value is True
    assert app.number_input(key="digit").value == 42
    assert app.query_params["first_strides"] == "3"
    assert app.query_params["first_flip"] == "true"


def several() -> None:
    import streamlit as st

    from lesson.ui import controls

    st.session_state["chosen"] = controls.multiselect(
        "Runs", "runs", ["a", "b", "c", "d"], ["a", "b"], str.upper, max_selections=3
    )


def several_opened(*texts: str) -> AppTest:
    app = AppTest.from_function(several, default_timeout=30)
    if texts:
        app.query_params["runs"] = list(texts)
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("texts", "chosen", "address"),
    [
        ([], ["a", "b"], []),
        (["C"], ["c"], ["C"]),
        (["D", "A"], ["d", "a"], ["D", "A"]),
        (["d", "A"], ["d", "a"], ["D", "A"]),
        (["D", "D", "nobody", "C"], ["d", "c"], ["D", "C"]),
        (["D", "C", "B", "A"], ["d", "c", "b"], ["D", "C", "B"]),
        (["nobody", "\0", "9" * 5000], ["a", "b"], []),
        (["B", "A", "nobody"], ["b", "a"], ["B", "A"]),
    ],
)
def test_several_choices_from_the_address_are_those_that_exist_and_fit(
    texts: list[str], chosen: list[str], address: list[str]
) -> None:
    app = several_opened(*texts)
    assert app.session_state["chosen"] == chosen
    assert app.multiselect(key="runs").value == chosen
    assert app.query_params.get("runs", []) == (address[0] if len(address) == 1 else address)


def test_an_address_may_say_that_nothing_is_chosen() -> None:
    assert several_opened("").session_state["chosen"] == []


def fewer() -> None:
    import streamlit as st

    from lesson.ui import controls

    options = ["a", "b"] if st.toggle("Fewer", key="fewer") else ["a", "b", "c"]
    st.session_state["chosen"] = controls.multiselect("Runs", "runs", options, ["a"])


def test_a_kept_choice_that_is_gone_is_dropped_and_the_others_stay() -> None:
    app = AppTest.from_function(fewer, default_timeout=30).run()
    app.multiselect(key="runs").set_value(["c", "b"]).run()
    assert app.session_state["chosen"] == ["c", "b"]
    app.toggle(key="fewer").set_value(True).run()
    assert not app.exception
    assert app.session_state["chosen"] == ["b"]
