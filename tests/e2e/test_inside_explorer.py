"""The inside-a-CNN page in a real browser: point, open, edit, restore, by mouse and by keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlparse

import numpy as np
from playwright.sync_api import expect

from bench.browser import Server
from lesson import mnist, network, units
from lesson.convolution import Box, Window, reach, receptive_field
from lesson.runs import RunStore
from lesson.shipped import INSIDE_PAGE
from lesson.specs import CNN_2

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

NewPage = Callable[[], "Page"]
MAPS = ("conv2d", "max_pooling2d", "conv2d_1", "max_pooling2d_1")
WINDOWS = [Window(*CNN_2.layers[place].window) for place in range(4)]  # type: ignore[attr-defined]


def opened(new_page: NewPage, server: Server, query: str = "") -> Page:
    page = new_page()
    page.goto(f"{server.address}/inside-a-cnn?{query}")
    settled(page)
    return page


def settled(page: Page) -> None:
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)
    expect(page.locator(".explorer").first).to_be_visible()


def unit(page: Page, layer: str, number: int) -> Locator:
    return page.locator(f".network [role=group][aria-label^='{layer},'] button").nth(number)


def point(page: Page, layer: str, number: int, row: int, column: int, side: int) -> dict[str, Any]:
    """Move the mouse onto a pixel of a map; what the overview says that it draws."""
    box = unit(page, layer, number).bounding_box()
    assert box
    x = box["x"] + (column + 0.5) * box["width"] / side
    page.mouse.move(x, box["y"] + (row + 0.5) * box["height"] / side)
    return drawn(page)


def drawn(page: Page) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(page.locator(".network").get_attribute("data-boxes") or "{}")
    return told


def status(page: Page) -> Locator:
    return page.locator(".network .status")


def corners(box: Box) -> list[int]:
    return [box.top, box.left, box.bottom, box.right]


def test_a_pixel_sees_what_the_lesson_says_that_it_sees(new_page: NewPage, server: Server) -> None:
    page = opened(new_page, server)
    names = ("digit", *MAPS)
    for place, row, column in ((1, 25, 0), (2, 12, 7), (3, 3, 5), (4, 4, 4), (4, 0, 2)):
        told = point(page, MAPS[place - 1], 2, row, column, CNN_2.shapes[place][0])
        assert (told["row"], told["column"]) == (row, column)
        assert list(told["sees"]) == list(names[:place][::-1])
        for before in range(place):
            shape = CNN_2.shapes[before][:2]
            expected = receptive_field(WINDOWS[before:place], shape, row, column)
            assert told["sees"][names[before]][:4] == corners(expected)
        field = receptive_field(WINDOWS[:place], (28, 28), row, column)
        expect(status(page)).to_contain_text(
            f"Row {row}, column {column} sees rows {field.top}–{field.bottom - 1} and columns "
            f"{field.left}–{field.right - 1} of the digit: {field.height}×{field.width} pixels."
        )
    # Pooling looks at its own map, a filter at all.
    told = point(page, "max_pooling2d", 6, 3, 3, 13)
    assert told["sees"]["conv2d"][4] == 6
    assert told["reaches"]["conv2d_1"][4] is None
    expect(status(page)).to_contain_text("max_pooling2d, map 7")


def test_a_pixel_of_the_digit_reaches_what_the_lesson_says_that_it_reaches(
    new_page: NewPage, server: Server
) -> None:
    page = opened(new_page, server)
    for row, column in ((0, 0), (13, 9), (27, 27)):
        told = point(page, "digit", 0, row, column, 28)
        assert (told["row"], told["column"]) == (row, column)
        for place, name in enumerate(MAPS, 1):
            reached = np.argwhere(reach(WINDOWS[:place], (28, 28), row, column))
            if not len(reached):
                assert name not in told["reaches"] or told["reaches"][name][2] == 0
                expect(status(page)).to_contain_text("nothing of")
                break
            (top, left), (bottom, right) = reached.min(axis=0), reached.max(axis=0) + 1
            assert told["reaches"][name][:4] == [top, left, bottom, right]
            expect(status(page)).to_contain_text(f"{bottom - top}×{right - left} of {name}")


def test_maps_are_large_enough_for_a_projector_and_the_network_fits_one_screen(
    new_page: NewPage, server: Server
) -> None:
    page = opened(new_page, server)
    page.set_viewport_size({"width": 1280, "height": 720})
    for name in ("digit", *MAPS):
        box = unit(page, name, 0).bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 48
    for name, last in (*zip(MAPS, (15, 15, 31, 31), strict=True), ("dense", 63), ("dense_2", 9)):
        box = unit(page, name, last).bounding_box()
        assert box
        assert box["x"] + box["width"] <= 1280
        assert box["y"] + box["height"] <= 720


def test_a_click_opens_a_unit_with_the_numbers_of_the_arrays(
    new_page: NewPage, server: Server
) -> None:
    page = opened(new_page, server, "digit=3")
    unit(page, "dense_1", 4).click()
    expect(page.locator(".explorer.row")).to_be_visible()
    settled(page)
    query = parse_qs(urlparse(page.url).query)
    assert (query["cnn_layer"], query["cnn_unit"]) == (["dense_1"], ["5"])
    run = RunStore().find(INSIDE_PAGE)
    assert run
    assert run.weights
    digit = mnist.prepare(mnist.load().x_test[3][None], True)
    activations = network.forward(CNN_2, run.weights, digit)
    weighed = units.weighed(CNN_2, run.weights, activations, 7, 4)
    expect(page.get_by_text(f"bias {weighed.bias:.3f}".replace("-", "−"))).to_be_visible()
    expect(page.get_by_text("All 64 products together")).to_contain_text(
        f"{weighed.total:.3f}".replace("-", "−")
    )
    page.get_by_role("button", name="All layers").click()
    expect(page.locator(".network")).to_be_visible()


def test_a_click_on_a_map_opens_its_filter(new_page: NewPage, server: Server) -> None:
    page = opened(new_page, server)
    unit(page, "conv2d_1", 4).click()
    expect(page.locator(".explorer.sliding")).to_be_visible()
    expect(page.get_by_text("conv2d_1, map 5").first).to_be_visible()
    page.get_by_role("button", name="›").click()
    expect(page.get_by_text("conv2d_1, map 6").first).to_be_visible()


def test_the_overview_is_worked_by_the_keyboard_alone(new_page: NewPage, server: Server) -> None:
    page = opened(new_page, server)
    unit(page, "digit", 0).focus()
    page.keyboard.press("ArrowRight")
    expect(status(page)).to_contain_text("conv2d, map")
    page.keyboard.press("Home")
    expect(status(page)).to_contain_text("conv2d, map 1:")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(status(page)).to_contain_text("conv2d, map 4:")
    page.keyboard.press("PageDown")
    expect(status(page)).to_contain_text("max_pooling2d, map 1:")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(status(page)).to_contain_text("Row 7, column 6 sees rows 14–17 and columns 12–15")
    field = receptive_field(WINDOWS[:2], (28, 28), 7, 6)
    assert drawn(page)["sees"]["digit"][:4] == corners(field)
    tabs = page.evaluate(
        "[...document.querySelectorAll('*')].find((e) => e.shadowRoot?.querySelector('.network'))"
        ".shadowRoot.querySelectorAll('.unit[tabindex=\"0\"]').length"
    )
    assert tabs == 1
    page.keyboard.press("Enter")
    expect(page.locator(".explorer.sliding")).to_be_visible()
    assert parse_qs(urlparse(page.url).query)["cnn_layer"] == ["max_pooling2d"]


def test_the_colours_of_each_map_or_of_its_layer(new_page: NewPage, server: Server) -> None:
    page = opened(new_page, server)
    run = RunStore().find(INSIDE_PAGE)
    assert run
    assert run.weights
    digit = mnist.prepare(mnist.load().x_test[0][None], True)
    maps = network.forward(CNN_2, run.weights, digit)[1][0]
    weakest = int(maps.max(axis=(0, 1)).argmin())
    ends = page.locator(".network .ends")
    point(page, "conv2d", weakest, 5, 5, 26)
    expect(ends).to_contain_text(f"{maps.max():.2f}")
    page.get_by_label("each map").check()
    point(page, "conv2d", weakest, 6, 5, 26)
    expect(ends).to_contain_text(f"{maps[..., weakest].max():.2f}")


def test_a_changed_weight_moves_the_prediction_until_it_is_restored(
    new_page: NewPage, server: Server
) -> None:
    page = opened(new_page, server, "cnn_layer=dense_2&cnn_unit=3")
    page.get_by_role("button", name="Change a weight").click()
    page.get_by_role("combobox", name="The weight of").click()
    page.get_by_role("option", name="the bias").click()
    field = page.get_by_role("spinbutton", name=re.compile("Instead of"))
    field.fill("60")
    field.press("Enter")
    settled(page)
    page.get_by_role("button", name="Change it").click()
    changed = page.get_by_text("You changed 1 weight: the network now answers")
    expect(changed).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="All layers").click()
    expect(unit(page, "dense_2", 3)).to_have_attribute("aria-label", re.compile(">99.9%"))
    # Another reader sees the network as it was trained.
    other = opened(new_page, server)
    expect(unit(other, "dense_2", 7)).to_have_attribute("aria-label", re.compile(">99.9%"))
    page.get_by_role("button", name="Restore").click()
    expect(unit(page, "dense_2", 7)).to_have_attribute("aria-label", re.compile(">99.9%"))
    expect(changed).to_have_count(0)


def test_a_deep_link_opens_a_unit_and_nonsense_shows_all_layers(
    new_page: NewPage, server: Server
) -> None:
    page = opened(new_page, server, "cnn_layer=conv2d_1&cnn_unit=5&digit=12")
    expect(page.locator(".explorer.sliding")).to_be_visible()
    expect(page.get_by_text("conv2d_1, map 5").first).to_be_visible()
    page = opened(new_page, server, "cnn_layer=%3Cb%3E&cnn_unit=-1")
    expect(page.locator(".network")).to_be_visible()
    assert "cnn_layer" not in parse_qs(urlparse(page.url).query)


def test_a_filters_weight_and_bias_are_changed_in_place(new_page: NewPage, server: Server) -> None:
    run = RunStore().find(INSIDE_PAGE)
    assert run
    assert run.weights
    page = opened(new_page, server, "cnn_layer=conv2d&cnn_unit=2")
    # More than a weight may be is not taken.
    bias = page.get_by_role("spinbutton", name="Bias")
    bias.fill("1000")
    bias.press("Enter")
    expect(page.get_by_text("A weight is a number from −99 to 99.")).to_be_visible()
    page.locator(".sliding .window .cell").nth(4).dblclick()
    field = page.get_by_role("spinbutton", name="Weight in row 1, column 1")
    field.fill("-3")
    field.press("Enter")
    changed = page.get_by_text("You changed 1 weight: the network")
    expect(changed).to_be_visible()
    edit = units.read_edit(CNN_2, 0, 1, {"channel": 0, "row": 1, "column": 1, "value": -3})
    assert edit
    digit = mnist.prepare(mnist.load().x_test[0][None], True)
    weights = units.edited(CNN_2, run.weights, [edit])
    chances = network.forward(CNN_2, weights, digit)[-1][0]
    expect(changed).to_contain_text(f"answers {chances.argmax()}")
    page.get_by_role("button", name="Undo the last").click()
    expect(changed).to_have_count(0)


def test_a_finger_opens_a_map(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    try:
        page = opened(context.new_page, server)
        first = unit(page, "conv2d", 4)
        first.scroll_into_view_if_needed()
        first.tap()
        explorer = page.locator(".explorer.sliding")
        expect(explorer).to_be_visible()
        expect(explorer.locator(".pane.output .title").last).to_have_text("conv2d, map 5")
        # No wider than the phone.
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    finally:
        context.close()


def test_a_click_is_not_lost_when_the_page_is_about_to_follow(
    new_page: NewPage, server: Server
) -> None:
    page = opened(new_page, server, "digit=3")
    for after in (330, 390, 450):  # ms; the page follows 300 ms after the unit is drawn
        unit(page, "dense_1", 4).click()
        expect(page.locator(".explorer.row")).to_be_visible()
        page.wait_for_timeout(after)
        page.get_by_role("button", name="All layers").click()
        expect(page.locator(".network")).to_be_visible()
        page.wait_for_timeout(1000)
        expect(page.locator(".network")).to_be_visible()


def test_the_next_digit_goes_on_and_on_and_stays_when_the_page_follows(
    new_page: NewPage, server: Server
) -> None:
    page = opened(new_page, server, "digit=40")
    number = page.get_by_role("spinbutton", name="Test digit")
    following = page.get_by_role("button", name="Next digit")
    for _ in range(3):
        following.click()
        settled(page)
    expect(number).to_have_value("43")  # when the reader rests
    settled(page)
    assert parse_qs(urlparse(page.url).query)["digit"] == ["43"]
    following.click()
    expect(number).to_have_value("44")
    number.fill("7")
    number.press("Enter")
    settled(page)
    following.click()
    expect(number).to_have_value("8")


def test_back_closes_what_was_opened_then_leaves_and_forward_opens_it_again(
    new_page: NewPage, server: Server
) -> None:
    page = new_page()
    page.goto(f"{server.address}/pooling?digit=42")
    settled(page)
    page.get_by_role("link", name="Next: Inside a CNN").click()
    expect(page.locator(".network")).to_be_visible()
    settled(page)

    unit(page, "conv2d_1", 3).click()
    close = page.get_by_role("button", name="All layers")
    expect(close).to_be_visible()
    settled(page)
    page.go_back()
    expect(close).to_have_count(0)
    expect(page.locator(".network")).to_be_visible()
    settled(page)
    assert not {"cnn_layer", "cnn_unit"} & set(parse_qs(urlparse(page.url).query))

    page.go_forward()
    expect(close).to_be_visible()
    settled(page)
    page.go_back()
    expect(close).to_have_count(0)
    settled(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pooling")
    settled(page)
    # A page that one returns to is as one left it.
    assert parse_qs(urlparse(page.url).query)["digit"] == ["42"]
