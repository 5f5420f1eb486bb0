"""Pixel maps: what travels to the browser, and that a page draws them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from streamlit.testing.v1 import AppTest

from lesson.errors import LessonError
from lesson.ui import explorer
from lesson.ui.explorer import Map, Mark
from lesson.ui.explorer.explorer import _HERE, lean

DIGIT = np.arange(784, dtype=np.uint8).reshape(28, 28)
KERNEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=np.float32)


def header_of(map_: Map) -> dict:
    return explorer.decode(explorer.encode([map_]))[0]["maps"][0]


SHAPES = arrays.array_shapes(min_dims=2, max_dims=2, max_side=40)


@given(
    st.lists(
        st.one_of(
            arrays.arrays(np.uint8, SHAPES),
            arrays.arrays(np.float32, SHAPES),
            arrays.arrays(np.int16, SHAPES),
            arrays.arrays(np.bool_, SHAPES),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_every_value_arrives_as_it_was_sent(sent: list[np.ndarray]) -> None:
    payload = explorer.encode([Map(values, scale="diverging") for values in sent], alt="any")
    _, received = explorer.decode(payload)
    assert len(received) == len(sent)
    for before, after in zip(sent, received, strict=True):
        assert before.shape == after.shape
        np.testing.assert_array_equal(after, before)


def test_bytes_travel_as_bytes_and_not_as_text() -> None:
    digit = len(explorer.encode([Map(DIGIT)]))
    floats = len(explorer.encode([Map(DIGIT.astype(np.float32))]))
    assert 784 < digit < 784 + 300
    assert 4 * 784 < floats < 4 * 784 + 300


def test_a_transposed_or_sliced_array_keeps_its_rows_and_columns() -> None:
    values = DIGIT[::2, 3:8].T
    _, (received,) = explorer.decode(explorer.encode([Map(values)]))
    np.testing.assert_array_equal(received, values)


def test_a_value_too_large_for_float32_arrives_as_infinite() -> None:
    _, (received,) = explorer.decode(explorer.encode([Map(np.array([[1e300, 1.0]]))]))
    assert received.tolist() == [[np.inf, 1.0]]


def test_titles_in_any_script_arrive_and_what_is_left_out_takes_no_room() -> None:
    header = header_of(Map(KERNEL, "Noyau 3×3 − é", marks=[Mark(0, 0, 2, 3, "window")]))
    assert header["title"] == "Noyau 3×3 − é"
    assert header["marks"] == [[0, 0, 2, 3, "window", "window"]]
    assert "caption" not in header
    assert "padding" not in header


@pytest.mark.parametrize(
    ("map_", "bounds"),
    [
        (Map(np.full((2, 2), 7, np.uint8)), (0, 255)),
        (Map(np.array([[0.25, 0.5]])), (0, 0.5)),
        (Map(np.array([[-0.25, 0.5]])), (-0.25, 0.5)),
        (Map(np.array([[3, 9]]), scale="count"), (0, 9)),
        (Map(np.array([[3, 9]]), scale="count", high=25), (0, 25)),
        (Map(KERNEL, scale="diverging"), (-2, 2)),
        (Map(KERNEL, scale="diverging", high=5), (-5, 5)),
        (Map(np.zeros((2, 2)), scale="diverging"), (-1, 1)),
        (Map(np.zeros((2, 2))), (0, 1)),
        (Map(np.array([[np.nan, 4.0], [np.inf, -np.inf]])), (0, 4)),
        (Map(np.array([[np.nan]]), scale="diverging"), (-1, 1)),
    ],
)
def test_a_scale_begins_at_zero_or_has_it_in_the_middle(map_: Map, bounds: tuple) -> None:
    assert map_.bounds == bounds


def test_maps_of_one_kind_share_their_scale_when_asked_and_others_keep_theirs() -> None:
    maps = [
        Map(KERNEL, scale="diverging"),
        Map(3 * KERNEL, scale="diverging"),
        Map(KERNEL, scale="diverging", high=1),
        Map(DIGIT),
    ]
    shared = explorer.decode(explorer.encode(maps, shared=True))[0]["maps"]
    assert [(m["low"], m["high"]) for m in shared] == [(-6, 6), (-6, 6), (-1, 1), (0, 255)]
    own = explorer.decode(explorer.encode(maps))[0]["maps"]
    assert [(m["low"], m["high"]) for m in own] == [(-2, 2), (-6, 6), (-1, 1), (0, 255)]


def test_whole_numbers_are_written_without_a_point_unless_asked() -> None:
    assert header_of(Map(KERNEL))["decimals"] == 0
    assert header_of(Map(KERNEL / 8))["decimals"] == 2
    assert header_of(Map(KERNEL, decimals=1))["decimals"] == 1


@pytest.mark.parametrize(
    ("values", "settings", "says"),
    [
        (np.zeros(3), {}, r"shape is \(3,\)"),
        (np.zeros((2, 0)), {}, r"shape is \(2, 0\)"),
        (np.zeros((513, 1)), {}, "1 to 512"),
        (np.zeros((2, 2), complex), {}, "complex128"),
        (np.array([["a"]]), {}, "real numbers"),
        (KERNEL, {"scale": "rainbow"}, "ink, diverging, count"),
        (KERNEL, {"low": 2, "high": 1}, "low the smaller"),
        (KERNEL, {"high": float("nan")}, "finite"),
        (KERNEL, {"size": 0}, "size"),
        (KERNEL, {"decimals": 9}, "0 to 6"),
        (KERNEL, {"padding": (2, 0, 1, 0)}, "Padding"),
        (KERNEL, {"dropped": (0, 3)}, "dropped"),
        (KERNEL, {"dropped": (-1, 0)}, "negative"),
        (KERNEL, {"marks": [Mark(0, 0, 4, 1)]}, "inside its map of 3×3"),
        (KERNEL, {"marks": [Mark(1, 1, 1, 2)]}, "inside its map"),
        (KERNEL, {"marks": [Mark(0, 0, 1, 1, tone="red")]}, "tone"),  # type: ignore[arg-type]
    ],
)
def test_a_map_that_cannot_be_drawn_is_refused_with_its_reason(
    values: np.ndarray, settings: dict, says: str
) -> None:
    with pytest.raises(LessonError, match=says):
        Map(values, **settings)


def test_a_picture_has_maps_and_one_sign_fewer_than_maps() -> None:
    with pytest.raises(LessonError, match="1 to 256 maps"):
        explorer.encode([])
    with pytest.raises(LessonError, match="2 maps stand 1 signs, but 2"):
        explorer.pixels([Map(DIGIT), Map(KERNEL)], key="p", alt="any", between=("∗", "="))


def page() -> None:
    import numpy as np

    from lesson.ui import explorer
    from lesson.ui.explorer import Map

    kernel = np.array([[-1.0, 0.5]])
    explorer.pixels(
        [Map(np.eye(28)), Map(kernel, scale="diverging")], key="main", alt="A line", between=["∗"]
    )
    explorer.gallery([Map(kernel * i, f"filter {i}") for i in range(16)], key="maps", alt="Maps")


def test_a_page_draws_its_pictures_again_and_again() -> None:
    # Twice, since each AppTest is a server of its own, on which the component must be known.
    for _ in range(2):
        app = AppTest.from_function(page).run()
        app.run()
        assert not app.exception
        row, grid = app.get("bidi_component")
        header, (eye, kernel) = explorer.decode(row.proto.bytes)
        assert (header["kind"], header["alt"], header["between"]) == ("row", "A line", ["∗"])
        np.testing.assert_array_equal(eye, np.eye(28))
        np.testing.assert_array_equal(kernel, [[-1, 0.5]])
        header, maps = explorer.decode(grid.proto.bytes)
        assert header["kind"] == "grid"
        assert len(maps) == 16
        assert {(m["low"], m["high"]) for m in header["maps"]} == {(-15.0, 7.5)}


def test_script_and_style_are_inline_and_ask_for_nothing_outside() -> None:
    for name in ("explorer.js", "explorer.css"):
        source = lean((_HERE / name).read_text("utf-8"))
        assert "\n" in source  # Streamlit takes one line for a path
        for outside in ("http:", "https:", "fetch(", "import(", "import ", "url(", "@import"):
            assert outside not in source
