"""The kernel in hand: what the browser sends is checked, and what is edited stays."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from lesson.filters import FAMILIES
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import kernels, resources
from tests.conftest import picture, tell

OpenPage = Callable[..., AppTest]
MAIN, GALLERY, LEARNED = (f"convolution_{name}" for name in ("main", "gallery", "learned_gallery"))
WEIGHTS = np.arange(9, dtype=np.float32).reshape(3, 3)
START = FAMILIES[kernels.DEFAULT].at(3)

NUMBERS = [math.nan, math.inf, -math.inf, 1e300, 10**400, -(10**400), -1, 3, 0.5, 1e-12]
OTHERS = [None, True, False, "", "2", "nan", [], [1], {}, {"row": 1}, (), "<b>", b"1"]
# Python's True is the number 1 too, and there are a row and a filter with that number.
NO_PLACES = [value for value in OTHERS if not isinstance(value, bool)]
HUGE = pytest.param(10**400, id="10**400")
hostile = some.one_of(some.sampled_from(NUMBERS + OTHERS), some.integers(), some.floats())


# ---- within


@pytest.mark.parametrize("value", [*OTHERS, math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_weight(value: object) -> None:
    assert kernels.within(value) is None


@given(some.one_of(some.integers(), some.floats(allow_nan=False, allow_infinity=False)))
def test_a_number_is_a_weight_moved_into_the_bounds(value: float) -> None:
    weight = kernels.within(value)
    assert type(weight) is float
    assert weight == min(max(value, -kernels.LIMIT), kernels.LIMIT)


def test_a_whole_number_larger_than_any_float_is_moved_into_the_bounds() -> None:
    assert kernels.within(10**400) == kernels.LIMIT
    assert kernels.within(-(10**400)) == -kernels.LIMIT


# ---- take_edit, with a session of its own


class Session(dict[str, Any]):
    __getattr__ = dict.__getitem__


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session and an address that belong to no page."""
    state = Session({kernels.KEY: "sharpen"})
    monkeypatch.setattr(streamlit, "session_state", state)
    monkeypatch.setattr(streamlit, "query_params", {})
    return state


def taken(session: Session) -> np.ndarray | None:
    """The reader's own kernel; ``None`` if the kernel in hand was not touched."""
    if session[kernels.KEY] != kernels.CUSTOM:
        return None
    places = [f"convolution_weight_{row}_{column}" for row in (1, 2, 3) for column in (1, 2, 3)]
    return np.array([session[place] for place in places]).reshape(3, 3)


def edit(session: Session, edit: object, flip: bool = False) -> np.ndarray | None:
    session["main"] = SimpleNamespace(edit=edit)
    kernels.take_edit("main", WEIGHTS, flip)
    return taken(session)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(("row", "column"), [(0, 0), (0, 2), (1, 1), (2, 0), (2.0, 1.0)])
def test_one_weight_is_taken_where_it_lies(
    session: Session, row: float, column: float, flip: bool
) -> None:
    expected = WEIGHTS.copy()
    # A kernel that lies turned over the picture is edited as it lies.
    lies = expected[::-1, ::-1] if flip else expected
    lies[int(row), int(column)] = -2.5
    sent = {"channel": 0, "row": row, "column": column, "value": -2.5}
    np.testing.assert_array_equal(edit(session, sent, flip), expected)
    assert session[kernels.NAMED_KEY] == "sharpen"
    assert kernels.BIAS_KEY not in session


def test_what_was_taken_stands_in_the_address_save_for_ones(session: Session) -> None:
    edit(session, {"row": 0, "column": 0, "value": 1})
    assert streamlit.query_params == {
        f"convolution_weight_{row + 1}_{column + 1}": str(float(WEIGHTS[row, column]))
        for row in range(3)
        for column in range(3)
        if (row, column) not in ((0, 0), (0, 1))
    }


@pytest.mark.parametrize("place", [-1, 3, HUGE, math.nan, math.inf, 0.5, *NO_PLACES])
@pytest.mark.parametrize("axis", ["row", "column"])
def test_a_place_outside_of_the_kernel_is_dropped(
    session: Session, axis: str, place: object
) -> None:
    assert edit(session, {"row": 1, "column": 1, "value": 5, axis: place}) is None
    assert dict(streamlit.query_params) == {}


@pytest.mark.parametrize("value", [*OTHERS, math.nan, math.inf])
def test_a_value_that_is_no_number_is_dropped(session: Session, value: object) -> None:
    assert edit(session, {"row": 1, "column": 1, "value": value}) is None
    assert edit(session, {"bias": value}) is None
    assert kernels.BIAS_KEY not in session


@pytest.mark.parametrize("value", [1e9, HUGE, -1e300])
def test_a_value_out_of_bounds_is_moved_to_the_nearest(session: Session, value: float) -> None:
    weights = edit(session, {"row": 1, "column": 1, "value": value, "bias": -value})
    assert weights is not None
    bound = kernels.LIMIT if value > 0 else -kernels.LIMIT
    assert (weights[1, 1], session[kernels.BIAS_KEY]) == (bound, -bound)


@pytest.mark.parametrize(
    "sent",
    [*OTHERS, 5, math.nan, {"row": 1, "column": 1}, {"row": 1, "value": 1}, {"reset": 1}],
)
def test_what_is_no_edit_changes_nothing(session: Session, sent: object) -> None:
    assert edit(session, sent) is None
    assert set(session) == {kernels.KEY, "main"}


@given(
    some.one_of(
        hostile,
        some.dictionaries(
            some.sampled_from(["row", "column", "value", "bias", "channel", "reset"]), hostile
        ),
    )
)
def test_whatever_is_sent_the_kernel_stays_one(sent: object) -> None:
    with pytest.MonkeyPatch.context() as patch:
        state = Session({kernels.KEY: "sharpen"})
        patch.setattr(streamlit, "session_state", state)
        patch.setattr(streamlit, "query_params", {})
        weights = edit(state, sent)
        if weights is not None:
            assert np.isfinite(weights).all()
            assert np.abs(weights).max() <= kernels.LIMIT
            assert np.count_nonzero(weights != WEIGHTS) <= 1
        assert abs(state.get(kernels.BIAS_KEY, 0)) <= kernels.LIMIT


# ---- take_named and take_learned


@pytest.mark.parametrize("slug", [*OTHERS, 5, math.nan, "custom", "Sharpen", "../sharpen"])
def test_a_name_that_no_kernel_has_is_dropped(session: Session, slug: object) -> None:
    session["gallery"] = SimpleNamespace(chosen=slug)
    kernels.take_named("gallery")
    assert session[kernels.KEY] == "sharpen"


@pytest.mark.parametrize("slug", FAMILIES)
def test_every_named_kernel_can_be_taken(session: Session, slug: str) -> None:
    session["gallery"] = SimpleNamespace(chosen=slug)
    kernels.take_named("gallery")
    assert session[kernels.KEY] == slug


@pytest.mark.parametrize("number", [0, -1, 5, HUGE, 1.5, math.nan, math.inf, *NO_PLACES])
def test_a_number_that_no_learned_filter_has_is_dropped(session: Session, number: object) -> None:
    session["gallery"] = SimpleNamespace(chosen=number)
    kernels.take_learned("gallery", np.ones((3, 3, 4), np.float32), np.zeros(4, np.float32))
    assert set(session) == {kernels.KEY, "gallery"}


@pytest.mark.parametrize("number", [1, 4, 2.0])
def test_a_learned_filter_brings_its_bias_and_relu_and_lies_as_it_is(
    session: Session, number: float
) -> None:
    learned = np.random.default_rng(0).normal(size=(3, 3, 4)).astype(np.float32)
    biases = np.array([0.1, -0.2, 0.3, 1 / 3], np.float32)
    session["gallery"] = SimpleNamespace(chosen=number)
    kernels.take_learned("gallery", learned, biases)
    n = int(number)
    np.testing.assert_allclose(taken(session), learned[:, :, n - 1], atol=1e-6)
    assert session[kernels.BIAS_KEY] == pytest.approx(float(biases[n - 1]), abs=1e-6)
    assert (session[kernels.RELU_KEY], session[kernels.FLIP_KEY]) == (True, False)
    assert (session[kernels.SIZE_KEY], session[kernels.LEARNED_KEY]) == (3, n)
    assert type(session[kernels.LEARNED_KEY]) is int


# ---- through the page


def in_hand(app: AppTest) -> np.ndarray:
    """The kernel as it lies over the picture."""
    return picture(app, MAIN).array("kernel")[0]


def address(app: AppTest) -> dict[str, str]:
    return {
        key: values if isinstance(values, str) else values[-1]
        for key, values in app.query_params.items()
    }


def weight(row: int, column: int, value: float) -> dict[str, float]:
    return {"channel": 0, "row": row, "column": column, "value": value}


def test_an_edited_kernel_is_custom_stands_in_the_address_and_comes_back_from_it(
    open_page: OpenPage,
) -> None:
    app = open_page("convolution")
    tell(app, MAIN, "edit", weight(0, 2, 2.5))
    expected = START.copy()
    expected[0, 2] = 2.5
    np.testing.assert_array_equal(in_hand(app), expected)
    assert app.selectbox(key=kernels.KEY).value == kernels.CUSTOM
    assert picture(app, MAIN).map("kernel")["title"] == "Custom"
    assert address(app)["convolution_weight_1_3"] == "2.5"
    tell(app, MAIN, "edit", {"bias": -1.5})
    assert picture(app, MAIN).header["bias"] == -1.5
    again = open_page("convolution", **address(app))
    np.testing.assert_array_equal(in_hand(again), expected)
    assert picture(again, MAIN).arrays[-1].tobytes() == picture(app, MAIN).arrays[-1].tobytes()
    assert address(again) == address(app)


def test_weights_are_edited_one_after_the_other(open_page: OpenPage) -> None:
    app = open_page("convolution", convolution_kernel="sharpen")
    expected = FAMILIES["sharpen"].at(3).copy()
    # Once more the same, and once to 1, which is not written into the address.
    for row, column, value in [(0, 0, 3.5), (0, 0, -4.25), (2, 1, 1.0), (1, 1, 0.0), (2, 1, 7.0)]:
        tell(app, MAIN, "edit", weight(row, column, value))
        expected[row, column] = value
        np.testing.assert_array_equal(in_hand(app), expected)
        again = open_page("convolution", **address(app))
        np.testing.assert_array_equal(in_hand(again), expected)


def test_a_kernel_that_lies_turned_is_edited_as_it_lies(open_page: OpenPage) -> None:
    app = open_page("convolution", convolution_kernel="emboss", convolution_flip="true")
    expected = FAMILIES["emboss"].at(3)[::-1, ::-1].copy()
    for row, column, value in [(0, 0, 9.0), (2, 1, -9.0)]:
        tell(app, MAIN, "edit", weight(row, column, value))
        expected[row, column] = value
        np.testing.assert_array_equal(in_hand(app), expected)
    field = app.number_input(key="convolution_weight_3_3")  # as it is written, not as it lies
    assert field.value == 9


@pytest.mark.parametrize("slug", ["box-blur", "sharpen"])
def test_reset_gives_the_named_kernel_back(open_page: OpenPage, slug: str) -> None:
    app = open_page("convolution", convolution_kernel=slug)
    assert not picture(app, MAIN).header["reset"]
    for value in (5.0, 6.0):
        tell(app, MAIN, "edit", weight(1, 1, value))
    assert picture(app, MAIN).header["reset"] == f"Reset to {FAMILIES[slug].name.lower()}"
    tell(app, MAIN, "edit", {"reset": True})
    assert app.selectbox(key=kernels.KEY).value == slug
    np.testing.assert_array_equal(in_hand(app), FAMILIES[slug].at(3))
    assert not [key for key in app.query_params if "weight" in key]
    # And from there to another one of the reader's own.
    tell(app, MAIN, "edit", weight(0, 0, 8.0))
    assert in_hand(app)[0, 0] == 8


def test_without_a_kernel_before_it_reset_gives_the_first_one(open_page: OpenPage) -> None:
    app = open_page("convolution", convolution_kernel="Custom", convolution_weight_1_1="4")
    tell(app, MAIN, "edit", {"reset": True})
    np.testing.assert_array_equal(in_hand(app), START)


def test_a_filter_is_taken_from_the_gallery_and_framed_there(open_page: OpenPage) -> None:
    app = open_page("convolution")
    names = [map_["choice"] for map_ in picture(app, GALLERY).header["maps"]]
    assert picture(app, GALLERY).header["chosen"] == kernels.DEFAULT
    other = names[3]
    tell(app, GALLERY, "chosen", other)
    np.testing.assert_array_equal(in_hand(app), FAMILIES[other].at(3))
    assert picture(app, GALLERY).header["chosen"] == other
    # The map below a kernel stands for it too.
    assert names[: len(names) // 2] == names[len(names) // 2 :]


def test_learned_filters_are_taken_one_after_the_other_whatever_is_in_hand(
    open_page: OpenPage,
) -> None:
    run = resources.find(NOTEBOOK_RUNS["CNN 1"])
    assert run is not None
    app = open_page("convolution", convolution_kernel="box-blur", convolution_kernel_size="5")
    learned, biases = run.weights[0][:, :, 0], run.weights[1]
    for n in (1, 16, 7):
        tell(app, LEARNED, "chosen", n)
        np.testing.assert_allclose(in_hand(app), learned[:, :, n - 1], atol=1e-6)
        drawn = picture(app, MAIN)
        assert drawn.header["activation"] == "relu"
        assert drawn.header["bias"] == pytest.approx(float(biases[n - 1]), abs=1e-6)
        assert app.select_slider(key=kernels.LEARNED_KEY).value == n
        assert picture(app, LEARNED).header["chosen"] == n
        # What the filter gives is its map in the gallery.
        answers = picture(app, LEARNED).arrays
        below = [*answers[8:16], *answers[24:]]
        np.testing.assert_allclose(drawn.array("output"), below[n - 1], atol=1e-4)
        app.select_slider(key=kernels.SIZE_KEY).set_value(2).run()  # fields that go and come back


HOSTILE = ([], {}, [[1]], "<b>", True, None, math.inf, 10**400, {"row": [], "column": {}})


def test_nothing_that_the_browser_may_send_stops_the_page(open_page: OpenPage) -> None:
    app = open_page("convolution")
    for value in HOSTILE:
        for key, event in ((MAIN, "edit"), (GALLERY, "chosen"), (LEARNED, "chosen")):
            tell(app, key, event, value)
            assert not app.exception
    for value in HOSTILE:
        for sent in ({"bias": value}, {"row": 0, "column": 0, "value": value}, {"reset": value}):
            tell(app, MAIN, "edit", sent)
            assert np.isfinite(picture(app, MAIN).array("output")).all()
