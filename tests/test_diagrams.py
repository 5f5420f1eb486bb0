from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from lesson import diagrams, svg
from lesson.errors import LessonError
from lesson.layers import AveragePooling2D, Conv2D, Dense, Flatten, shape_text
from lesson.palette import NETWORKS, WRONG, run_colours
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, NetworkSpec, feedforward

NAMESPACE = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\n\n# & \"quoted\" 'text'\x00\x0b"
TOO_SMALL = NetworkSpec((Conv2D(8, 9), AveragePooling2D(3), Conv2D(8, 7), Flatten(), Dense(10)))
COLOURS = run_colours(["CNN 1", "Mine"])
SURE = [0.0] * 7 + [1.0, 0.0, 0.0]
TORN = [0.0, 0.55, 0.003, 0.0, 0.0, 0.0, 0.0, 0.447, 0.0, 0.0]
RESULTS = [("Feedforward", 0.967, 104_938, 0.47), ("CNN 1", 0.983, 347_690, 0.758)]

EVERY_DIAGRAM: dict[str, Callable[[], str]] = {
    "network_diagram": lambda: diagrams.network_diagram(feedforward((64, 8), dropout=0.3)),
    "shape_flow": lambda: diagrams.shape_flow(CNN_2),
    "shape_flow, impossible": lambda: diagrams.shape_flow(TOO_SMALL),
    "shape_steps": lambda: diagrams.shape_steps([("28×28", "reshape"), ("28×28×1", "")]),
    "results": lambda: diagrams.results(RESULTS),
    "words_filter": lambda: diagrams.words_filter("not a very good film".split(), [1, -2, 0.5], 1),
    "frames_filter": lambda: diagrams.frames_filter(),
    "answers": lambda: diagrams.answers({"CNN 1": SURE, "Mine": TORN}, COLOURS, label=7),
    "changed_layers": lambda: diagrams.changed_layers(
        "CNN 1", NETWORKS["CNN 1"], [("picture", 0.57), ("AveragePooling2D", 1.0)], "7 → 7, ✓ right"
    ),
    "live_curve": lambda: diagrams.live_curve([0.5, 1.5], [0.5, 0.9], 5, "accuracy", [1], [0.8]),
}


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def words(picture: str) -> list[str]:
    """All texts drawn in a picture, in order."""
    return [element.text or "" for element in parsed(picture).iter(f"{NAMESPACE}text")]


def drawn(picture: str, tag: str) -> list[dict[str, str]]:
    return [element.attrib for element in parsed(picture).iter(NAMESPACE + tag)]


@pytest.mark.parametrize("name", EVERY_DIAGRAM)
class TestEveryDiagram:
    def test_is_a_picture_with_a_name_and_a_description(self, name: str) -> None:
        root = parsed(EVERY_DIAGRAM[name]())
        assert root.attrib["role"] == "img"
        title, description = root[0], root[1]
        assert title.tag == f"{NAMESPACE}title"
        assert title.text
        assert description.tag == f"{NAMESPACE}desc"
        assert description.text
        assert title.text in root.attrib["aria-label"]

    def test_scales_with_the_page(self, name: str) -> None:
        root = parsed(EVERY_DIAGRAM[name]())
        left, top, width, height = map(float, root.attrib["viewBox"].split())
        assert root.attrib["width"] == "100%"
        assert "height" not in root.attrib
        assert (left, top) == (0, 0)
        assert width in (400, 600, 1200)
        assert height > 100

    def test_stays_inside_its_frame(self, name: str) -> None:
        picture = EVERY_DIAGRAM[name]()
        _, _, width, height = map(float, parsed(picture).attrib["viewBox"].split())
        for text in drawn(picture, "text"):
            assert 0 <= float(text["x"]) <= width
            assert 0 < float(text["y"]) <= height
        for box in drawn(picture, "rect"):
            assert float(box["x"]) >= 0
            assert float(box["x"]) + float(box["width"]) <= width
            assert float(box["y"]) >= 0
            assert float(box["y"]) + float(box["height"]) <= height

    def test_has_text_that_reads_and_follows_the_theme(self, name: str) -> None:
        for text in drawn(EVERY_DIAGRAM[name](), "text"):
            assert int(text["font-size"]) >= 18
            assert text["fill"] == "currentColor" or text.get("font-weight") == "bold"

    def test_is_one_block_of_html_in_markdown(self, name: str) -> None:
        lines = EVERY_DIAGRAM[name]().splitlines()
        assert re.fullmatch(r"<svg [^>]*>", lines[0])
        assert all(line.strip() for line in lines)


@pytest.mark.parametrize("hidden", [0, 1, 2, 5])
def test_network_diagram_has_a_column_for_each_dense_layer(hidden: int) -> None:
    network = feedforward((300, 64, 32, 16, 12)[:hidden])
    said = words(diagrams.network_diagram(network))
    assert said.count("Dense") == hidden + 1
    assert said.count("Flatten") == 1
    assert "784 values" in said
    assert "10 units" in said
    for row in network.ledger[1:]:
        assert f"{row.output_shape[0]:,} units" in said
        assert f"= {row.parameters:,}" in said
    assert f"{network.parameters:,} parameters" in said


def test_network_diagram_shortens_large_columns_only() -> None:
    circles = drawn(diagrams.network_diagram(feedforward((13, 12))), "circle")
    units = [circle for circle in circles if circle["r"] == "11"]
    dots = [circle for circle in circles if circle["r"] == "3"]
    # 784 and 13 are shortened to ten units and three dots; 12 and 10 are drawn in full.
    assert len(units) == 10 + 10 + 12 + 10
    assert len(dots) == 2 * 3


def test_network_diagram_joins_every_drawn_unit_to_every_unit_of_the_next_column() -> None:
    paths = [p["d"] for p in drawn(diagrams.network_diagram(feedforward((8,))), "path")]
    assert 10 * 8 in [path.count("L") for path in paths]
    assert 8 * 10 in [path.count("L") for path in paths]


def test_network_diagram_names_activations_and_dropout() -> None:
    said = words(diagrams.network_diagram(feedforward((64, 8), "tanh", dropout=0.3)))
    assert said.count("tanh") == 2
    assert said.count("softmax") == 1
    assert any("30%" in text for text in said)


@pytest.mark.parametrize("network", [CNN_1, NetworkSpec(()), NetworkSpec((Dense(10),))])
def test_network_diagram_refuses_what_it_cannot_draw(network: NetworkSpec) -> None:
    with pytest.raises(LessonError, match="shape_flow"):
        diagrams.network_diagram(network)


@pytest.mark.parametrize("network", [FEEDFORWARD, CNN_1, CNN_2])
def test_shape_flow_shows_each_layers_shape_and_parameters_in_order(network: NetworkSpec) -> None:
    said = iter(words(diagrams.shape_flow(network)))
    assert next(said) == "Input"
    assert next(said) == "28×28×1"
    for row in network.ledger:
        for wanted in (row.layer.kind, shape_text(row.output_shape), f"{row.parameters:,} param"):
            assert any(text.startswith(wanted) for text in said), wanted


def test_shape_flow_wraps_long_stacks() -> None:
    heights = [
        float(parsed(diagrams.shape_flow(n)).attrib["viewBox"].split()[3]) for n in (CNN_1, CNN_2)
    ]
    assert heights[1] == 2 * heights[0]


def test_shape_flow_marks_the_layer_that_does_not_fit_and_says_why() -> None:
    picture = diagrams.shape_flow(TOO_SMALL)
    said = words(picture)
    assert said.count("does not fit") == 1
    assert said.count("not reached") == 2
    assert "6×6×8" in said
    assert "a window of 7×7 does not fit into a picture of 6×6" in picture
    crosses = [path for path in drawn(picture, "path") if path["stroke"] == WRONG]
    assert len(crosses) == 1


def test_shape_flow_of_a_sound_network_marks_nothing() -> None:
    assert WRONG not in diagrams.shape_flow(CNN_2)


def test_shape_flow_marks_a_layer_it_is_told_of() -> None:
    boxes = drawn(diagrams.shape_flow(FEEDFORWARD, problem_at=3), "rect")
    assert [box["stroke"] == WRONG for box in boxes] == [False, False, False, False, True]


def test_boxes_follow_height_width_and_channels() -> None:
    network = NetworkSpec((Conv2D(1, 15), Conv2D(64, 1)))
    entry, small, *deep = drawn(diagrams.shape_flow(network), "rect")
    assert float(small["width"]) == pytest.approx(float(entry["width"]) / 2)
    assert len(deep) > 3
    assert {box["width"] for box in deep} == {small["width"]}


def test_shape_steps_put_what_is_done_between_the_shapes() -> None:
    said = words(diagrams.shape_steps([("28×28", "reshape"), ("28×28×1", "÷ 255"), ("0…1", "x")]))
    assert said == ["28×28", "reshape", "28×28×1", "÷ 255", "0…1"]


def test_results_show_all_three_measures_of_each_network() -> None:
    picture = diagrams.results(RESULTS, moved=2)
    said = words(picture)
    for wanted in ("Feedforward", "96.7%", "104,938", "47%", "CNN 1", "98.3%", "347,690", "76%"):
        assert wanted in said
    assert "right when moved 2 pixels" in said
    bars = [box for box in drawn(picture, "rect") if box["fill"] == NETWORKS["Feedforward"]]
    full = float(drawn(picture, "rect")[0]["width"])
    shares = [float(bar["width"]) / full for bar in bars]
    assert shares == pytest.approx([0.967, 104_938 / 347_690, 0.47], abs=0.001)


def test_word_window_covers_as_many_words_as_it_has_weights() -> None:
    picture = diagrams.words_filter("a b c d e".split(), [1, -2, 0.5], 1)
    assert words(picture) == ["a", "b", "c", "d", "e", "× 1", "× −2", "× 0.5", "sum"]
    boxes = drawn(picture, "rect")
    window = boxes[5]
    covered = [
        place
        for place, word in enumerate(boxes[:5])
        if float(window["x"]) < float(word["x"])
        and float(word["x"]) + float(word["width"]) < float(window["x"]) + float(window["width"])
    ]
    assert covered == [1, 2, 3]
    assert len(boxes) == 5 + 1 + 3


@pytest.mark.parametrize(("position", "seen"), [(-5, "a b"), (99, "c d")])
def test_word_window_stays_within_the_sentence(position: int, seen: str) -> None:
    assert f"lies on: {seen}." in diagrams.words_filter("a b c d".split(), [1, 1], position)


def test_film_window_reaches_through_its_frames() -> None:
    picture = diagrams.frames_filter(frames=6, depth=3, kernel_size=2, position=1)
    windows = [box for box in drawn(picture, "rect") if box["fill"] != "none"]
    assert len(windows) == 3
    assert "2×2×3 = 12 weights" in picture


def test_live_curve_grows_while_its_axes_stand_still() -> None:
    early = diagrams.live_curve([0.5], [0.6], 5)
    late = diagrams.live_curve([0.5, 4.9], [0.6, 0.97], 5, "accuracy", [1, 2], [0.8, 0.9])
    numbers = [text for text in words(early) if re.fullmatch(r"[\d.]+", text)]
    assert numbers == ["0", "0.5", "1", "0", "1", "2", "3", "4", "5"]
    assert numbers == [text for text in words(late) if re.fullmatch(r"[\d.]+", text)]
    assert "accuracy 0.970" in words(late)
    assert len(drawn(early, "circle")) == 0
    assert len(drawn(late, "circle")) == 2


def test_live_curve_before_the_first_point_and_after_an_explosion_is_drawn() -> None:
    assert "accuracy" in words(diagrams.live_curve([], [], 5))
    wild = diagrams.live_curve([1, 2, 3], [2.3, float("nan"), 33.0], 5, "loss")
    assert "40" in words(wild)
    assert "nan" not in "".join(p["d"] for p in drawn(wild, "path"))


def test_answers_have_a_bar_for_each_class_in_the_runs_colour() -> None:
    picture = diagrams.answers({"CNN 1": TORN}, COLOURS, label=7)
    (bars,) = (bars["d"] for bars in drawn(picture, "path") if bars["fill"] == NETWORKS["CNN 1"])
    heights = [float(height) for height in re.findall(r"v([\d.]+)", bars)]
    assert len(heights) == 10
    assert heights == pytest.approx([56 * share for share in TORN], abs=0.06)
    said = words(picture)
    assert "CNN 1: 1, 55.0%" in said
    assert said.count("55%") == said.count("45%") == 1
    assert "0%" not in said


def test_right_and_wrong_are_said_and_marked_where_the_label_is_known() -> None:
    rows = {"CNN 1": SURE, "Mine": TORN}
    said = words(diagrams.answers(rows, COLOURS, label=7))
    assert [text for text in said if text in ("✓ right", "✗ wrong")] == ["✓ right", "✗ wrong"]
    boxed = [
        box
        for box in drawn(diagrams.answers(rows, COLOURS, label=7), "rect")
        if box["fill"] == "none"
    ]
    assert len(boxed) == 2
    unknown = diagrams.answers(rows, COLOURS)
    assert not {"✓ right", "✗ wrong"} & set(words(unknown))
    assert not [box for box in drawn(unknown, "rect") if box["fill"] == "none"]


def test_changed_layers_have_a_bar_each_and_what_became_of_the_answer() -> None:
    stages = [("picture", 0.5), ("Conv2D", 0.25), ("answer", 0.0)]
    picture = diagrams.changed_layers("CNN 2", NETWORKS["CNN 2"], stages, "7 → 1, ✗ wrong")
    assert words(picture) == [
        *("CNN 2", "picture", "50%", "Conv2D", "25%", "answer", "0%", "7 → 1, ✗ wrong"),
    ]
    (bars,) = (bars["d"] for bars in drawn(picture, "path") if bars["fill"] == NETWORKS["CNN 2"])
    widths = [float(width) for width in re.findall(r"h([\d.]+)v", bars)]
    full = widths[0] / 0.5
    assert widths == [full * share for _, share in stages]


def test_pictures_beside_each_other_are_one_block_of_html() -> None:
    pictures = [diagrams.results(RESULTS), diagrams.answers({"Mine": SURE}, COLOURS)]
    block = diagrams.beside(pictures)
    assert all(line.strip() for line in block.splitlines())
    root = ElementTree.fromstring(block)
    assert len(root) == 2
    assert len(list(root.iter(f"{NAMESPACE}svg"))) == 2


@pytest.mark.parametrize(
    "picture",
    [
        diagrams.answers({HOSTILE: SURE}, {HOSTILE: '"><script>'}),
        diagrams.changed_layers(HOSTILE, "#000000", [(HOSTILE, 0.5)], HOSTILE),
        diagrams.results([(HOSTILE, 0.9, 5, 0.5)]),
        diagrams.words_filter([HOSTILE, "b", "c"], [1, 1]),
        diagrams.shape_steps([(HOSTILE, HOSTILE), (HOSTILE, "")]),
        svg.picture(100, HOSTILE, HOSTILE, [svg.text(0, 0, HOSTILE, fill='"><script>')]),
    ],
)
def test_text_from_outside_is_escaped_and_cannot_end_the_block(picture: str) -> None:
    assert "<script" not in picture
    assert "\n\n" not in picture
    assert not list(parsed(picture).iter(f"{NAMESPACE}script"))
    shown = " ".join(words(picture))
    assert "</text><script>alert(1)</script> # & \"quoted\" 'text'" in shown
