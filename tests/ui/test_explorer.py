"""The explorer's pictures: what travels to the browser, and that a page draws them."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from streamlit import config
from streamlit.testing.v1 import AppTest

from lesson import sliding
from lesson.convolution import Window
from lesson.errors import LessonError
from lesson.ui import explorer
from lesson.ui.explorer import Before, Map, Mark, component
from lesson.ui.explorer.maps import MAX_MAPS, MAX_SIDE
from lesson.ui.lean import lean
from tests.conftest import Picture, picture, pictures, tell

needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="node is not installed, so no script can be run"
)
SCRIPTS = [component._HERE / "js" / f"{name}.js" for name in component.SHARED + component.SCRIPTS]
DIGIT = np.arange(784, dtype=np.uint8).reshape(28, 28)
KERNEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=np.float32)


def header_of(map_: Map) -> dict:
    return explorer.decode(explorer.encode([map_]))[0]["maps"][0]


# A map, or a stack of maps.
SHAPES = arrays.array_shapes(min_dims=2, max_dims=3, max_side=24)


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


def test_a_stack_is_several_maps_of_one_size_that_share_one_scale() -> None:
    stack = np.stack([KERNEL, 2 * KERNEL, -4 * KERNEL])
    header, (received,) = explorer.decode(
        explorer.encode([Map(stack, "kernel", scale="diverging", role="kernel")])
    )
    assert received.shape == (3, 3, 3)
    np.testing.assert_array_equal(received[2], -4 * KERNEL)
    (sent,) = header["maps"]
    assert (sent["count"], sent["rows"], sent["columns"]) == (3, 3, 3)
    assert (sent["role"], sent["low"], sent["high"]) == ("kernel", -8, 8)
    assert "count" not in header_of(Map(KERNEL))
    assert "role" not in header_of(Map(KERNEL))
    # Padding is that of every map of the stack.
    assert header_of(Map(np.zeros((1, 9, 4)), padding=(4, 1, 4, 2)))["padding"] == [4, 1, 4, 2]


@pytest.mark.parametrize("choice", [0, 7, "vertical-edges", ""])
def test_what_a_map_stands_for_when_it_is_chosen_arrives_even_if_it_is_nothing_much(
    choice: int | str,
) -> None:
    assert header_of(Map(KERNEL, choice=choice))["choice"] == choice
    assert "choice" not in header_of(Map(KERNEL))


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
        (np.zeros((1, 1, 2, 2)), {}, r"shape is \(1, 1, 2, 2\)"),
        (np.zeros((0, 2, 2)), {}, r"\(count, height, width\)"),
        (np.zeros((2, 3, 3)), {"padding": (2, 0, 1, 0)}, "Padding"),
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


def test_the_largest_picture_that_may_be_sent_arrives() -> None:
    side = np.zeros((1, MAX_SIDE), np.uint8)
    _, received = explorer.decode(explorer.encode([Map(side)] * MAX_MAPS))
    assert len(received) == MAX_MAPS
    with pytest.raises(LessonError, match=f"1 to {MAX_MAPS} maps, but {MAX_MAPS + 1}"):
        explorer.encode([Map(side)] * (MAX_MAPS + 1))


def test_a_picture_has_maps_and_one_sign_fewer_than_maps() -> None:
    with pytest.raises(LessonError, match="1 to 256 maps"):
        explorer.encode([])
    with pytest.raises(LessonError, match="2 maps stand 1 signs, but 2"):
        explorer.pixels([Map(DIGIT), Map(KERNEL)], key="p", alt="any", between=("∗", "="))


def test_linked_maps_have_one_shape() -> None:
    with pytest.raises(LessonError, match=r"but these have \(28, 28\), \(3, 3\)"):
        explorer.pixels([Map(DIGIT), Map(KERNEL)], key="p", alt="any", linked=True)


# ---- on a page


def page() -> None:
    import numpy as np
    import streamlit as st

    from lesson.ui import explorer
    from lesson.ui.explorer import Map

    explorer.prepare()
    kernel = np.array([[-1.0, 0.5]])
    explorer.pixels(
        [Map(np.eye(28)), Map(kernel, scale="diverging")], key="main", alt="A line", between=["∗"]
    )
    explorer.pixels(
        [Map(kernel, "one"), Map(kernel, "two")],
        key="linked",
        alt="Two",
        linked=True,
        places=["first", "second"],
        tiles=(1, 1),
    )
    explorer.gallery([Map(kernel * i, f"filter {i}") for i in range(16)], key="maps", alt="Maps")
    st.session_state.setdefault("taken", [])
    explorer.gallery(
        [Map(kernel, choice=name) for name in ("a", "b")],
        key="choices",
        alt="Which one?",
        chosen=st.session_state.taken[-1] if st.session_state.taken else "a",
        on_chosen=lambda: st.session_state.taken.append(st.session_state.choices.chosen),
    )


def test_a_page_draws_its_pictures_again_and_again() -> None:
    # Twice, since each AppTest is a server of its own, on which the component must be known.
    for _ in range(2):
        app = AppTest.from_function(page).run()
        app.run()
        assert [drawn.key for drawn in pictures(app)] == ["main", "linked", "maps", "choices"]
        _, header, (eye, kernel) = picture(app, "main")
        assert (header["kind"], header["alt"], header["between"]) == ("row", "A line", ["∗"])
        assert "linked" not in header
        np.testing.assert_array_equal(eye, np.eye(28))
        np.testing.assert_array_equal(kernel, [[-1, 0.5]])
        _, header, _ = picture(app, "linked")
        assert (header["linked"], header["tiles"]) == (True, [1, 1])
        assert header["places"] == ["first", "second"]
        _, header, maps = picture(app, "maps")
        assert header["kind"] == "grid"
        assert "choose" not in header
        assert len(maps) == 16
        assert {(m["low"], m["high"]) for m in header["maps"]} == {(-15.0, 7.5)}


def test_a_map_taken_from_a_gallery_is_told_once_and_framed() -> None:
    app = AppTest.from_function(page).run()
    _, header, _ = picture(app, "choices")
    assert (header["choose"], header["chosen"]) == (True, "a")
    assert [map_["choice"] for map_ in header["maps"]] == ["a", "b"]
    tell(app, "choices", "chosen", "b")
    assert app.session_state["taken"] == ["b"]
    app.run()  # a click is a click, not a state
    assert app.session_state["taken"] == ["b"]
    assert picture(app, "choices").header["chosen"] == "b"


# ---- a window that slides


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the explorer mounts, without a page."""
    payloads: list[bytes] = []
    module = import_module("lesson.ui.explorer.sliding")  # the package gives its function that name
    monkeypatch.setattr(module, "mount", lambda key, data, **callbacks: payloads.append(data))
    return payloads


def received(sent: list[bytes]) -> Picture:
    return Picture("any", *explorer.decode(sent.pop()))


PICTURE = np.random.default_rng(5).random((9, 8, 3)).astype(np.float32)
FILTER = np.random.default_rng(6).normal(size=(3, 3, 3)).astype(np.float32)
TITLES = ("in", "kernel", "out")


def test_a_slid_filter_arrives_with_all_that_the_browser_reckons_with(sent: list[bytes]) -> None:
    window = Window(3, strides=4, padding=1, dilation_rate=2)
    slide = sliding.convolution(PICTURE, FILTER, window, bias=-0.5, activation="relu")
    explorer.sliding(
        slide, key="k", alt="A filter", titles=TITLES, high=1, layer_high=7, height=300, channel=2
    )
    drawn = received(sent)
    header = drawn.header
    assert (header["kind"], header["alt"], header["operations"]) == (
        "sliding", "A filter", ["convolution"],
    )  # fmt: skip
    assert (header["strides"], header["dilation"]) == ([4, 4], [2, 2])
    assert (header["bias"], header["activation"]) == (-0.5, "relu")
    assert (header["layerHigh"], header["height"], header["channel"]) == (7.0, 300, 2)
    assert not {"editable", "reset", "before", "plot", "lead"} & set(header)
    across = slide.result.shape[1]
    assert header["stops"] == [[s.row * across + s.column, s.says] for s in slide.stops]
    assert [header["stops"][0][0], header["stops"][-1][0]] == [0, slide.result.size - 1]
    assert drawn.map("input")["padding"] == list(slide.padding) == [1, 1, 1, 1]
    assert drawn.map("input")["dropped"] == list(slide.dropped) == [2, 1]
    assert [map_["role"] for map_ in header["maps"]] == [
        "input", "kernel", "parts", "sums", "output",
    ]  # fmt: skip
    for role, array in {
        "input": slide.inputs,
        "kernel": slide.kernel,
        "parts": slide.parts,
        "sums": slide.sums,
        "output": slide.result,
    }.items():
        np.testing.assert_array_equal(drawn.array(role), array)
    assert [drawn.map(role)["title"] for role in ("input", "kernel", "output")] == list(TITLES)
    assert (drawn.map("input")["low"], drawn.map("input")["high"]) == (0, 1)


def test_one_channel_has_no_parts_and_a_linear_filter_no_sums(sent: list[bytes]) -> None:
    slide = sliding.convolution(PICTURE[..., :1], FILTER[..., :1], Window(3))
    explorer.sliding(slide, key="k", alt="any", titles=TITLES)
    assert [map_["role"] for map_ in received(sent).header["maps"]] == ["input", "kernel", "output"]


def test_pooling_shows_each_kind_in_the_colours_of_its_input(sent: list[bytes]) -> None:
    slide = sliding.pooling(PICTURE[..., 0] * 255, Window(2, 3, "same"))
    titles = ("in", "window", "max", "average")
    explorer.sliding(slide, key="k", alt="any", titles=titles, high=255, decimals=0)
    drawn = received(sent)
    assert drawn.header["operations"] == ["max", "average"]
    for array, result in zip(drawn.all("output"), slide.results.values(), strict=True):
        np.testing.assert_array_equal(array, result)
    shown = [map_ for map_ in drawn.header["maps"] if map_["role"] in ("input", "output")]
    assert [map_["title"] for map_ in shown] == ["in", "max", "average"]
    assert {(map_["scale"], map_["high"], map_["decimals"]) for map_ in shown} == {
        ("ink", 255, 0)
    }  # fmt: skip
    with pytest.raises(ValueError, match="zip"):
        explorer.sliding(slide, key="k", alt="any", titles=titles[:3])


def test_counts_are_green_and_whole(sent: list[bytes]) -> None:
    slide = sliding.counting(5, 5, Window(3))
    explorer.sliding(slide, key="k", alt="any", titles=TITLES, scale="count")
    drawn = received(sent)
    for role in ("input", "output"):
        assert (drawn.map(role)["scale"], drawn.map(role)["decimals"]) == ("count", 0)
    np.testing.assert_array_equal(drawn.array("output"), np.full((3, 3), 9))


@pytest.mark.parametrize("lead", [None, 4.0, 0.0])
def test_a_series_is_a_plot_whose_first_answer_has_its_place(
    sent: list[bytes], lead: float | None
) -> None:
    slide = sliding.series(np.arange(9), np.ones(5), "causal")
    explorer.sliding(slide, key="k", alt="any", titles=TITLES, plot=True, lead=lead)
    drawn = received(sent)
    assert (drawn.header["plot"], drawn.header["lead"]) == (True, lead)
    assert drawn.map("input")["padding"] == [0, 0, 0, 4]
    assert drawn.array("input").shape == (1, 1, 13)


def test_the_layers_in_front_arrive_with_their_windows_and_the_padding_that_leads_in(
    sent: list[bytes],
) -> None:
    slide = sliding.convolution(PICTURE, FILTER, Window(3))
    before = [
        Before("digit", np.zeros((28, 26)), Window(4, 2, "same")),
        Before("conv2d", np.ones((14, 13)), Window(3, 1, 2, dilation_rate=3)),
        Before("pool", np.ones((15, 9)), Window(2, 2)),
        Before("last", np.ones((7, 6)), Window(2, 3, "same")),
    ]
    explorer.sliding(slide, key="k", alt="any", titles=TITLES, before=before)
    drawn = received(sent)
    # kernel_size, strides, rows and columns of padding before the first, dilation_rate
    assert drawn.header["before"] == [
        [4, 2, 1, 1, 1], [3, 1, 2, 2, 3], [2, 2, 0, 0, 1], [2, 3, 0, 0, 1],
    ]  # fmt: skip
    for layer, array in zip(before, drawn.all("before"), strict=True):
        np.testing.assert_array_equal(array, layer.values)
    titles = [m["title"] for m in drawn.header["maps"] if m.get("role") == "before"]
    assert titles == [layer.name for layer in before]


def edited() -> None:
    import numpy as np
    import streamlit as st

    from lesson import sliding
    from lesson.convolution import Window
    from lesson.ui import explorer

    slide = sliding.convolution(np.eye(5)[..., None], np.ones((2, 2, 1)), Window(2))
    explorer.sliding(
        slide,
        key="main",
        alt="any",
        titles=("in", "kernel", "out"),
        on_edit=lambda: st.session_state.update(came=st.session_state.main.edit),
        reset="Reset to ones",
    )


@pytest.mark.parametrize("edit", [{"row": 1, "column": 0, "value": 2.5}, {"bias": -1}, "no dict"])
def test_what_the_reader_edits_comes_to_the_page_as_the_browser_sent_it(edit: object) -> None:
    app = AppTest.from_function(edited).run()
    _, header, _ = picture(app, "main")
    assert (header["editable"], header["reset"]) == (True, "Reset to ones")
    tell(app, "main", "edit", edit)
    assert app.session_state["came"] == edit


@pytest.mark.parametrize("channels", [1, 16])
def test_a_slide_travels_as_its_bytes_and_a_small_header(sent: list[bytes], channels: int) -> None:
    picture = np.random.default_rng(1).random((28, 28, channels)).astype(np.float32)
    kernel = np.ones((3, 3, channels), np.float32)
    slide = sliding.convolution(picture, kernel, Window(3, 1, "same"), 0.5, "relu")
    explorer.sliding(slide, key="k", alt="A digit and a filter", titles=TITLES)
    (payload,) = sent
    # Parts are told apart from their sum only where there are several channels.
    values = slide.inputs.size + slide.kernel.size + slide.sums.size + slide.result.size
    values += slide.parts.size if channels > 1 else 0
    # 10,882 bytes with one channel, 115,780 with sixteen, and 1,200 more of them at most: titles,
    # roles, the ends of the scales, the stops.
    assert 4 * values < len(payload) < 4 * values + 1_200


# ---- the scripts


def test_script_and_style_are_inline_and_ask_for_nothing_outside() -> None:
    code = component.code()
    assert "\n" in code  # Streamlit takes one line for a path
    for outside in (
        "http:", "https:", "fetch(", "import(", "import ", "url(", "@import", "XMLHttpRequest",
        "WebSocket", "EventSource", "sendBeacon", "eval(", "Function(", "src=", ".cookie",
        "localStorage", "sessionStorage",
    ):  # fmt: skip
        assert outside not in code
        assert outside not in component.PICTURE


def test_every_script_and_the_style_sheet_are_in_the_code() -> None:
    code = component.code()
    assert {path.name for path in SCRIPTS} == {path.name for path in SCRIPTS[0].parent.iterdir()}
    for path in SCRIPTS:
        assert lean(path.read_text("utf-8")) in code
    style = lean((component._HERE / "explorer.css").read_text("utf-8"))
    assert json.dumps(style) in code
    for kind in ("row", "grid", "sliding", "network", "pad"):
        assert f"KINDS.{kind} =" in code


def test_the_code_goes_in_its_own_element_once_and_a_picture_carries_a_few_lines() -> None:
    app = AppTest.from_function(page).run()
    code, *drawn = app.get("bidi_component")
    assert code.key == component.CODE_KEY
    assert code.proto.component_name == "cnn_classroom_code"
    assert code.proto.js_content == component.code()
    assert not code.proto.bytes
    assert len(drawn) == 4
    for part in drawn:
        assert part.proto.component_name == "cnn_classroom_picture"
        assert len(part.proto.js_content) < 1_000  # about 200; the code has about 110,000
        assert not part.proto.css_content
        assert not part.proto.html_content
        assert part.proto.WhichOneof("data") == "bytes"
    sent = code.proto.SerializeToString()
    app.run()
    # Of an element that stays the same to the byte Streamlit sends the hash alone, if it is large.
    assert app.get("bidi_component")[0].proto.SerializeToString() == sent
    assert len(sent) >= config.get_option("global.minCachedMessageSize") > 10_000


def node(source: str, *arguments: str) -> str:
    """What a module prints."""
    ended = subprocess.run(
        ["node", "--input-type=module", "-", *arguments],
        input=source,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@needs_node
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_each_script_can_be_read(path: Path) -> None:
    ended = subprocess.run(
        ["node", "--check", str(path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stderr


@needs_node
@pytest.mark.parametrize("script", [component.code(), lean(component.PICTURE)])
def test_the_scripts_can_be_read_as_they_are_sent(tmp_path: Path, script: str) -> None:
    path = tmp_path / "sent.mjs"
    path.write_text(script, "utf-8")
    ended = subprocess.run(
        ["node", "--check", str(path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stderr


@needs_node
@pytest.mark.parametrize("order", ["code first", "picture first", "code twice"])
def test_a_picture_is_drawn_whichever_of_the_two_scripts_comes_first(order: str) -> None:
    modules = {
        "code": "const show = (component) => `drawn ${component}`; const follow = {};"
        "globalThis.addEventListener = () => {};" + component.MEET,
        "picture": component.PICTURE,
    }
    acts = {
        "code first": ["await code({})", "shown.push(picture('a'), picture('b'))"],
        "picture first": ["shown.push(picture('a'), picture('b'))", "await code({})"],
        "code twice": [
            "await code({}); shown.push(picture('a')); await code({}); shown.push(picture('b'))"
        ],
    }[order]
    lines = [
        f"const {name} = (await import({json.dumps('data:text/javascript,')} + "
        f"encodeURIComponent({json.dumps(source)}))).default;"
        for name, source in modules.items()
    ]
    source = "\n".join([*lines, "const shown = [];", *(f"{act};" for act in acts)])
    printed = node(source + "\nconsole.log((await Promise.all(shown)).join());")
    assert printed.strip() == "drawn a,drawn b"


@pytest.mark.parametrize(
    ("alone", "on_its_own", "leads", "said"),
    [
        (False, False, False, component.WHOLE),
        (False, True, True, component.WHOLE),
        (True, False, False, component.AHEAD),
        (True, True, False, component.ALONE),
        (True, True, True, component.AHEAD),
    ],
)
def test_a_picture_says_whether_the_page_has_to_follow_it(
    monkeypatch: pytest.MonkeyPatch, alone: bool, on_its_own: bool, leads: bool, said: bytes
) -> None:
    monkeypatch.setattr(component.controls, "alone", lambda: alone)
    monkeypatch.setattr(component.st, "session_state", {component.ON_ITS_OWN: on_its_own})
    assert component._of_the_page(leads) == said
