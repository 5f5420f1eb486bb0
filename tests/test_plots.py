"""Charts as SVG: what is drawn where, and that any name can stand in them."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from lesson import plots
from lesson.palette import NETWORKS, run_colours
from lesson.robustness import WAYS
from lesson.specs import CNN_1, LEVELS, NOTEBOOK_RUNS

NAMESPACE = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\n\n# & \"quoted\" 'text'\x00\x0b"
SEEDS = {"CNN 1": [0.98, 0.984, 0.991], "CNN 2": [0.97], "Mine": [0.975, 0.975]}
LAYERS = {
    name: [(row.name, row.parameters) for row in run.network.ledger]
    for name, run in NOTEBOOK_RUNS.items()
}
POINTS = {"CNN 2": (57_274, 0.981), "CNN 1": (347_690, 0.983)}
SIX = [*NETWORKS, "A", "B", "C"]
EVERY_PLOT: dict[str, Callable[[], str]] = {
    "spread": lambda: plots.spread(SEEDS, "accuracy"),
    "spread of six": lambda: plots.spread({name: [0.5, 0.9] for name in SIX}, "accuracy"),
    "seconds": lambda: plots.spread({"CNN 1": [3.0, 1.0]}, "s", "epoch", ".2f", (0.0, 3.3)),
    "layers": lambda: plots.layers(LAYERS),
    "price": lambda: plots.price(POINTS),
    "price of six": lambda: plots.price(dict.fromkeys(SIX, (1000, 0.1))),
    "curves": lambda: plots.curves([-1, 0, 1], {"CNN 1": [0.9, 0.98, 0.9]}, "pixels down", 0),
    "curves of six": lambda: plots.curves([0, 1], {name: [0.0, 1.0] for name in SIX}, "pixels", 0),
    "hostile": lambda: plots.spread({HOSTILE: [0.9]}, HOSTILE),
    "hostile layers": lambda: plots.layers({HOSTILE: [(HOSTILE, 5)]}),
    "hostile price": lambda: plots.price({HOSTILE: (5, 0.9)}),
    "hostile curves": lambda: plots.curves([0, 1], {HOSTILE: [1, 1]}, HOSTILE, 0),
}


def tooltips(picture: str) -> list[str]:
    groups = ElementTree.fromstring(picture).iter(f"{NAMESPACE}g")
    return [group[0].text or "" for group in groups]


def words(picture: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(picture).iter(f"{NAMESPACE}text")]


@pytest.mark.parametrize("name", EVERY_PLOT)
def test_every_plot_is_a_named_picture_that_keeps_inside_and_can_be_read(name: str) -> None:
    picture = EVERY_PLOT[name]()
    root = ElementTree.fromstring(picture)
    assert root.attrib["role"] == "img"
    assert root[0].text
    assert root[1].text
    assert "\n\n" not in picture  # Markdown would end the picture there
    assert "<script" not in picture
    _, _, wide, high = (float(number) for number in root.attrib["viewBox"].split())
    for text in root.iter(f"{NAMESPACE}text"):
        assert int(text.attrib["font-size"]) >= 21
        assert 0 <= float(text.attrib["x"]) <= wide
        assert 0 <= float(text.attrib["y"]) <= high
    for circle in root.iter(f"{NAMESPACE}circle"):
        assert 0 <= float(circle.attrib["cx"]) <= wide


def test_spread_shows_every_seed_and_their_mean() -> None:
    said = tooltips(EVERY_PLOT["spread"]())
    for value in SEEDS["CNN 1"]:
        assert f"CNN 1, one seed: {value:.4f}" in said
    assert "CNN 1, mean: 0.9850" in said
    assert "mean of 3 seeds: 0.9850" in words(EVERY_PLOT["spread"]())
    assert "one seed: 0.9700" in words(EVERY_PLOT["spread"]())
    assert {"0.96", "1"} <= set(words(EVERY_PLOT["spread"]()))


def test_points_lie_in_order_along_the_axis() -> None:
    root = ElementTree.fromstring(plots.spread({"CNN 1": [0.97, 0.98, 0.99]}, "accuracy"))
    across = [float(circle.attrib["cx"]) for circle in root.iter(f"{NAMESPACE}circle")]
    assert across == sorted(across)
    assert across[1] - across[0] == pytest.approx(across[2] - across[1], abs=0.2)


def test_runs_have_marks_of_their_own_besides_their_colours() -> None:
    picture = plots.spread({name: [0.5] for name in SIX}, "accuracy")
    groups = [
        g for g in ElementTree.fromstring(picture).iter(f"{NAMESPACE}g") if "one seed" in g[0].text
    ]
    looks = {
        (g[1].tag, g[1].attrib.get("d", "").count("L"), g[1].attrib.get("d", "").count("M"))
        for g in groups
    }
    assert len(groups) == 6
    assert len(looks) >= 5


def test_layers_are_as_wide_as_their_parameters_and_those_without_are_left_out() -> None:
    picture = plots.layers(LAYERS)
    root = ElementTree.fromstring(picture)
    wide = {}
    for group in root.iter(f"{NAMESPACE}g"):
        wide[group[0].text] = float(group[1].attrib["width"])
    assert len(wide) == sum(bool(count) for parts in LAYERS.values() for _, count in parts)
    largest = wide["CNN 1, dense: 346,240 parameters"]
    assert wide["Feedforward, dense: 100,480 parameters"] == pytest.approx(
        largest * 100_480 / 346_240, abs=0.2
    )
    assert f"{CNN_1.parameters:,}" in words(picture)


def test_price_puts_parameters_across_and_accuracy_up() -> None:
    root = ElementTree.fromstring(plots.price({"Feedforward": (1000, 0.98), "A": (100_000, 0.99)}))
    circle = next(root.iter(f"{NAMESPACE}circle"))
    square = next(each for each in root.iter(f"{NAMESPACE}g") if "A: 100,000" in each[0].text)[1]
    assert float(square.attrib["x"]) > float(circle.attrib["cx"])
    assert float(square.attrib["y"]) < float(circle.attrib["cy"])


def strokes(picture: str, colour: str) -> list[str]:
    """What is drawn in a colour, as it stands in the picture."""
    root = ElementTree.fromstring(picture)
    return [str(each.attrib) for each in root.iter() if each.attrib.get("stroke") == colour]


def test_curves_tell_the_values_of_all_runs_at_each_level() -> None:
    drawn = plots.curves([-2, 0, 2], {"CNN 1": [0.5, 0.98, 0.4], "B": [0, 1, 0]}, "pixels down", 0)
    assert "−2 pixels down: CNN 1 0.500, B 0.000" in tooltips(drawn)
    assert "0 pixels down: CNN 1 0.980, B 1.000" in tooltips(drawn)
    assert {"guessing", "unchanged", "pixels down"} <= set(words(drawn))


@pytest.mark.parametrize("kind", [kind for kind in LEVELS if kind != "moved"])
def test_where_nothing_is_changed_there_is_a_tick(kind: str) -> None:
    levels, rest = LEVELS[kind], WAYS[kind].rest
    shown = words(plots.curves(levels, {"A": [0.5] * len(levels)}, "levels", rest))
    ticks = {f"{level:g}".replace("-", "−") for level in levels} & set(shown)
    assert f"{rest:g}" in ticks
    assert 4 < len(ticks) <= 11


def test_a_run_that_was_not_measured_leaves_the_others_their_colours_and_marks() -> None:
    curves = {"A": [0.9, 0.8], "B": [], "C": [0.7, 0.6]}
    drawn = plots.curves([0, 1], curves, "pixels", 0)
    whole = plots.curves([0, 1], curves | {"B": [0.1, 0.1]}, "pixels", 0)
    assert "B" not in words(drawn)
    assert "1 pixels: A 0.800, C 0.600" in tooltips(drawn)
    colour = run_colours(curves)["C"]
    # All but its place in the legend.
    assert strokes(drawn, colour)[:3] == strokes(whole, colour)[:3]
    assert not strokes(drawn, run_colours(curves)["B"])
