"""The comparison's view of what each network looks at, through the router."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesson import layerwise, mnist, occlusion, robustness
from lesson.evaluation import move
from lesson.specs import NOTEBOOK_RUNS
from tests.conftest import picture, pictures, tell
from tests.pages.test_comparison import LATER_NAME, kept, notebook, text  # noqa: F401

SLUG, VIEW = "comparison", {"comparison_view": "Why"}


def panels(app: AppTest) -> str:
    (html,) = (part.value for part in app.main.markdown if "<div style" in part.value)
    return str(html)


@pytest.mark.parametrize(("digit", "side"), [(0, 5), (8, 9)])
def test_each_network_has_a_map_of_where_a_patch_hurts(
    open_page: Any, digit: int, side: int
) -> None:
    app = open_page(SLUG, **VIEW, digit=str(digit), comparison_why_side=str(side))
    drawn = picture(app, "comparison_occlusion")
    ink = robustness.ink(mnist.load().x_test[digit])
    first, *maps = drawn.arrays
    np.testing.assert_allclose(first, ink, atol=1e-6)
    found = {name: occlusion.occlude(run, ink, side) for name, run in notebook().items()}
    ends = set()
    for map_, array, (name, each) in zip(
        drawn.header["maps"][1:], maps, found.items(), strict=True
    ):
        assert map_["title"] == name
        np.testing.assert_allclose(array, each.changes, atol=1e-3)
        assert map_["marks"][0][:4] == list(occlusion.box(each.worst, side))
        ends.add((map_["low"], map_["high"]))
    assert len(ends) == 1  # one scale for all
    for line in occlusion.told(found):
        assert line in text(app)


def test_the_patch_can_be_made_larger(open_page: Any) -> None:
    app = open_page(SLUG, **VIEW)
    before = picture(app, "comparison_occlusion")
    app.select_slider(key="comparison_why_side").set_value(9).run()
    after = picture(app, "comparison_occlusion")
    assert (before.arrays[3] != after.arrays[3]).any()
    assert after.header["maps"][0]["marks"][0][:4] == [0, 0, 9, 9]


@pytest.mark.parametrize("shift", [3, 0, -6])
def test_each_layer_of_each_network_says_how_much_a_move_changes(
    open_page: Any, shift: int
) -> None:
    app = open_page(SLUG, **VIEW, comparison_why_shift=str(shift))
    ink = robustness.ink(mnist.load().x_test[:1])
    html = panels(app)
    for name, run in notebook().items():
        both = layerwise.activations(run, np.concatenate([ink, move(ink, shift)]))
        shares = [(s.kind, f"{s.difference:.0%}") for s in layerwise.stages(run, both)]
        told = ", ".join(f"{kind} {share}" for kind, share in shares)
        assert f"How much changes behind each layer of {name}. {told}." in html
        assert layerwise.told(name, run, both) in text(app)
    assert html.count("✓ right</text>") + html.count("✗ wrong</text>") == len(NOTEBOOK_RUNS)


@pytest.mark.parametrize(
    ("name", "layer", "side"), [("CNN 1", "conv2d", 26), ("CNN 2", "max_pooling2d_1", 5)]
)
def test_a_map_of_any_layer_is_shown_before_and_after_the_move(
    open_page: Any, name: str, layer: str, side: int
) -> None:
    app = open_page(SLUG, **VIEW, comparison_why_run=name, comparison_why_layer=layer)
    before, after, gap = picture(app, "comparison_why_maps").arrays
    assert before.shape == (side, side)
    np.testing.assert_allclose(gap, after - before, atol=1e-5)
    ink = robustness.ink(mnist.load().x_test[:1])
    run = notebook()[name]
    both = layerwise.activations(run, np.concatenate([ink, move(ink, 3)]))
    place = [row.name for row in run.spec.network.ledger].index(layer) + 1
    maps = [both[place][0, ..., n] for n in range(both[place].shape[-1])]
    fullest = max(maps, key=lambda values: float(np.abs(values).sum()))
    np.testing.assert_allclose(before, fullest, atol=1e-5)


def test_a_drawn_digit_is_looked_at_too(open_page: Any) -> None:
    app = open_page(SLUG, **VIEW, digit_source="Draw")
    tell(app, "digit_pad", "drawn", {"serial": 1, "strokes": [[140, 40, 140, 240]]})
    drawn = picture(app, "comparison_occlusion")
    assert drawn.header["maps"][0]["title"] == "Your drawing"
    found = occlusion.occlude(notebook()["CNN 2"], drawn.arrays[0].astype(np.float32), 5)
    np.testing.assert_allclose(drawn.arrays[3], found.changes, atol=1e-3)


@pytest.mark.usefixtures("kept")
def test_runs_without_their_networks_are_told_of_and_left_out(open_page: Any) -> None:
    app = open_page(SLUG, **VIEW, comparison_runs=["Feedforward", LATER_NAME])
    assert "is kept without its network, so it cannot answer" in text(app)
    assert len(picture(app, "comparison_occlusion").arrays) == 2
    # A network without maps has none to show.
    assert [each.key for each in pictures(app)] == ["comparison_occlusion"]
    app = open_page(SLUG, **VIEW, comparison_runs=[LATER_NAME])
    assert not app.exception
    assert pictures(app) == []


@pytest.mark.parametrize(
    "address",
    [
        {"comparison_why_side": "4"},
        {"comparison_why_shift": "99", "comparison_why_run": "nobody"},
        {"comparison_why_layer": "dense", "comparison_why_side": "\0"},
    ],
)
def test_nonsense_in_the_address_is_put_right(open_page: Any, address: dict[str, str]) -> None:
    app = open_page(SLUG, **VIEW, **address)
    assert not app.exception
    assert app.select_slider(key="comparison_why_side").value in occlusion.SIDES
    assert app.selectbox(key="comparison_why_layer").value == "conv2d"
