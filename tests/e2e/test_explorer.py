"""The explorer in a real browser: pointed at, stepped, played, typed into; held to Keras."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.browser import Server
from lesson import mnist, series
from lesson.convolution import coverage
from lesson.filters import FAMILIES
from tests.e2e.test_journeys import address, arrived, find, settled, stands_still

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

NewPage = Callable[[], "Page"]
DIGIT = mnist.load().x_test[0].astype(np.float32) / 255
RESULT = ".pane.output:not([hidden])"
ROOT = ".explorer.sliding"


def open_explorer(page: Page, server: Server, slug: str, query: str = "") -> Locator:
    """The page's main picture, drawn."""
    page.goto(address(server, find(slug), query))
    return drawn(page, slug)


def drawn(page: Page, slug: str) -> Locator:
    arrived(page, find(slug))
    explorer = page.locator(ROOT).first
    expect(explorer.locator(".status")).not_to_be_empty()
    stands_still(page, explorer)
    return explorer


@pytest.fixture(scope="module")
def looked_at(reader: BrowserContext, server: Server) -> Iterator[Locator]:
    """A picture for tests that only point, step and zoom, of which the server hears nothing."""
    page, errors = reader.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield open_explorer(page, server, "convolution")
    page.close()
    assert errors == []


@pytest.fixture
def resting(looked_at: Locator) -> Locator:
    """That picture with nothing pointed at, nothing pinned and nothing zoomed."""
    page = looked_at.page
    page.mouse.move(5, 5)
    looked_at.locator(f"{RESULT} .cells").focus()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    return looked_at


def keras_result(image: np.ndarray, weights: np.ndarray, **settings: object) -> np.ndarray:
    kernel = np.ascontiguousarray(weights, dtype=np.float32)[..., None, None]
    result = keras.ops.conv(image[None, ..., None], kernel, data_format="channels_last", **settings)
    return keras.ops.convert_to_numpy(result)[0, ..., 0]


def status(explorer: Locator) -> str:
    return explorer.locator(".status").inner_text()


def number(text: str) -> float:
    """What a number of the explorer's says: ``−2.98`` has a true minus sign."""
    return float(text.replace("−", "-"))


def value(explorer: Locator) -> float:
    """The result that stands in the ledger's last line."""
    last = explorer.locator(".ledger .last .amount").inner_text()
    return number(last.split()[-1])


def cell(pane: Locator, row: int, column: int, rows: int, columns: int) -> tuple[float, float]:
    """Where the middle of a cell is on the screen."""
    box = pane.locator("canvas").first.bounding_box()
    assert box is not None
    return (
        box["x"] + (column + 0.5) * box["width"] / columns,
        box["y"] + (row + 0.5) * box["height"] / rows,
    )


def pointed(
    page: Page, explorer: Locator, pane: Locator, row: int, column: int, shape: tuple[int, ...]
) -> dict:
    """Point at a cell of a pane, and all that the arithmetic then says, read at one moment.

    A page that is still moving takes the cell from under the pointer: then it points again.
    """
    for _ in range(30):
        page.mouse.move(*cell(pane, row, column, *shape))
        read: dict = explorer.evaluate(
            """root => {
              const texts = (name) => [...root.querySelectorAll(name)].map((n) => n.innerText);
              return {
                target: root.dataset.target,
                sum: root.dataset.sum,
                values: texts(".window .value"),
                weights: texts(".window .weight"),
                last: texts(".ledger .last .amount")[0],
              };
            }"""
        )
        if read["target"] == f"output {row} {column}":
            return read
        page.wait_for_timeout(100)
    raise AssertionError(f"Nothing answers at {row}, {column}: {read}")


@pytest.mark.parametrize(
    ("query", "family", "size", "settings"),
    [
        ("", "vertical-edges", 3, {}),
        ("convolution_kernel_size=5&convolution_strides=3", "vertical-edges", 5, {"strides": 3}),
        (
            "convolution_kernel=Gaussian+blur&convolution_kernel_size=2&convolution_strides=2",
            "gaussian-blur",
            2,
            {"strides": 2},
        ),
    ],
)
def test_pointing_at_a_result_shows_the_arithmetic_that_keras_does(
    query: str, family: str, size: int, settings: dict, new_page: NewPage, server: Server
) -> None:
    page = new_page()
    explorer = open_explorer(page, server, "convolution", query)
    weights = FAMILIES[family].at(size)
    strides = settings.get("strides", 1)
    expected = keras_result(DIGIT, weights, **settings)
    rows, columns = expected.shape
    pane = explorer.locator(RESULT)
    for row, column in [(0, 0), (rows // 2, columns // 2), (rows - 2, columns // 2), (3, 4)]:
        read = pointed(page, explorer, pane, row, column, expected.shape)
        result = pytest.approx(float(expected[row, column]), abs=6e-4)
        assert number(read["last"].split()[-1]) == result
        # Each cell of the kernel: the value over it, the weight, and that they give that sum.
        top, left = row * strides, column * strides
        under = DIGIT[top : top + size, left : left + size]
        places = 6e-4 if size <= 3 else 6e-3
        values = [number(text) for text in read["values"]]
        np.testing.assert_allclose(values, under.ravel(), atol=places)
        laid = [number(text.removeprefix("× ")) for text in read["weights"]]
        np.testing.assert_allclose(laid, weights.ravel(), atol=places)
        assert float(read["sum"]) == pytest.approx(float(expected[row, column]), abs=1e-4)


def test_pointing_at_a_pixel_shows_every_result_that_it_feeds(
    new_page: NewPage, server: Server
) -> None:
    page = new_page()
    explorer = open_explorer(page, server, "convolution", "convolution_strides=2")
    counts = coverage(28, 28, 3, 2)
    pane = explorer.locator(".pane.input")
    for row, column in [(0, 0), (9, 12), (10, 12), (9, 11), (27, 27)]:
        page.mouse.move(*cell(pane, row, column, 28, 28))
        expect(explorer).to_have_attribute("data-target", f"input {row} {column}")
        used = int(counts[row, column])
        assert f"used by {used} window" in status(explorer)
        # Each weight says for which result it is used: result × strides + place = pixel.
        fed = explorer.locator(".window .value").all_inner_texts()
        assert sum(text != "–" for text in fed) == used
        for n, text in enumerate(fed):
            if text != "–":
                out_row, out_column = (int(part) for part in re.findall(r"\d+", text))
                assert (out_row * 2 + n // 3, out_column * 2 + n % 3) == (row, column)


def test_pointing_at_a_weight_shows_every_value_that_it_meets(resting: Locator) -> None:
    explorer = resting
    explorer.locator(".window .cell").nth(5).hover()
    expect(explorer).to_have_attribute("data-target", "kernel 1 2")
    assert "meets 676 cells, from row 1, column 2 to row 26, column 27" in status(explorer)
    # Kernel cell and input cell share a hue, each its own.
    hues = [
        one.evaluate("node => getComputedStyle(node).borderColor")
        for one in explorer.locator(".window .cell").all()
    ]
    assert len(set(hues)) == 9


def test_the_window_is_stepped_played_to_the_stops_and_dragged(
    new_page: NewPage, server: Server
) -> None:
    page = new_page()
    explorer = open_explorer(page, server, "convolution")
    sums = keras_result(DIGIT, FAMILIES["vertical-edges"].at(3))
    strongest = divmod(int(np.abs(sums).argmax()), 26)
    expect(explorer).to_have_attribute("data-target", f"output {strongest[0]} {strongest[1]}")

    explorer.get_by_role("button", name="First window").click()
    expect(explorer).to_have_attribute("data-target", "output 0 0")
    explorer.get_by_role("button", name="Step (right").click()
    explorer.get_by_role("button", name="Step (right").click()
    explorer.get_by_role("button", name="Step back").click()
    expect(explorer).to_have_attribute("data-target", "output 0 1")

    # Played motion ends at the next stop, the end of the first row, and says so.
    explorer.get_by_role("combobox", name="Speed").select_option("fast")
    explorer.get_by_role("button", name="Play to").click()
    expect(explorer).to_have_attribute("data-target", "output 0 25")
    expect(explorer.get_by_role("button", name="Play to")).to_be_visible()
    assert "end of the first row" in status(explorer)

    # Pointing pauses it.
    explorer.get_by_role("combobox", name="Speed").select_option("slow")
    explorer.get_by_role("button", name="Play to").click()
    expect(explorer.get_by_role("button", name="Pause")).to_be_visible()
    page.mouse.move(*cell(explorer.locator(".pane.input"), 3, 3, 28, 28))
    expect(explorer.get_by_role("button", name="Play to")).to_be_visible()

    explorer.get_by_role("button", name="Next stop (N)").click()
    at = explorer.get_attribute("data-target")
    first = divmod(int((np.abs(sums) >= 0.5 * np.abs(sums).max()).argmax()), 26)
    assert at == f"output {first[0]} {first[1]}"
    assert "first edge met" in status(explorer)

    timeline = explorer.get_by_role("slider", name="Place of the window")
    timeline.fill("100")
    expect(explorer).to_have_attribute("data-target", f"output {100 // 26} {100 % 26}")
    # The result is filled up to the window; the whole comes back.
    assert blank_rows(explorer) == 26 - 100 // 26 - 1
    explorer.get_by_role("button", name="Whole result").click()
    assert blank_rows(explorer) < 10


def blank_rows(explorer: Locator) -> int:
    """How many rows at the end of the result show nothing but paper."""
    return int(
        explorer.locator(RESULT).evaluate(
            """pane => {
              const base = pane.querySelector('canvas');
              const draw = base.getContext('2d');
              const cell = base.height / 26;
              for (let row = 25; row >= 0; row -= 1) {
                const part = draw.getImageData(0, (row + 0.5) * cell, base.width, 1).data;
                const inks = new Set();
                for (let i = 0; i < part.length; i += 4) {
                  // The lines between the cells do not count.
                  if (Math.round(i / 4 % cell) < 2) continue;
                  inks.add(part.slice(i, i + 3).join());
                }
                if (inks.size > 1) return 25 - row;
              }
              return 26;
            }"""
        )
    )


def test_a_pinned_cell_stays_when_the_pointer_leaves(new_page: NewPage, server: Server) -> None:
    page = new_page()
    explorer = open_explorer(page, server, "convolution")
    page.mouse.move(*cell(explorer.locator(".pane.input"), 10, 12, 28, 28))
    expect(explorer).to_have_attribute("data-target", "input 10 12")
    page.mouse.move(5, 5)
    expect(explorer).to_have_attribute("data-target", re.compile("output"))
    page.mouse.click(*cell(explorer.locator(".pane.input"), 10, 12, 28, 28))
    page.mouse.move(5, 5)
    expect(explorer).to_have_attribute("data-target", "input 10 12")
    page.mouse.click(*cell(explorer.locator(RESULT), 4, 6, 26, 26))
    page.mouse.move(5, 5)
    expect(explorer).to_have_attribute("data-target", "output 4 6")
    # It stays when a control moves, too.
    page.get_by_test_id("stNumberInputStepUp").first.click()
    settled(page)
    expect(explorer).to_have_attribute("data-target", "output 4 6")


def test_everything_can_be_done_by_keyboard(resting: Locator) -> None:
    explorer, page = resting, resting.page
    # Reached by Tab, with a focus that can be seen.
    page.get_by_role("button", name="More").focus()
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => {
                  let node = document.activeElement;
                  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
                  const style = getComputedStyle(node);
                  return [node.ariaLabel ?? node.tagName, style.outlineStyle, style.outlineWidth];
                }"""
            )
        )
        if reached[-1][0] == "What the keys do":
            break
    names = [name for name, _, _ in reached]
    for part in ("A 7", "Vertical edges", "Result", "First window", "Place of the window", "Speed"):
        assert any(name.startswith(part) for name in names), (part, names)
    assert all(outline != "none" and width != "0px" for _, outline, width in reached)

    result = explorer.locator(f"{RESULT} .cells")
    result.focus()
    for key, target in [
        ("Home", "output 0 0"),
        ("ArrowRight", "output 0 1"),
        ("ArrowDown", "output 1 1"),
        ("ArrowLeft", "output 1 0"),
        ("ArrowLeft", "output 0 25"),
        ("End", "output 25 25"),
    ]:
        page.keyboard.press(key)
        expect(explorer).to_have_attribute("data-target", target)
    page.keyboard.press("p")
    assert "strongest" in status(explorer)
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    expect(explorer).to_have_attribute("data-target", "output 0 25")
    page.keyboard.press("Escape")

    explorer.locator(".pane.input .cells").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(explorer).to_have_attribute("data-target", "input 1 1")
    assert "used by 4 windows" in status(explorer)
    # The live region is polite, and what it says is the cell in hand.
    expect(explorer.locator(".status")).to_have_attribute("aria-live", "polite")


def test_weights_and_bias_are_edited_in_place_and_reset(new_page: NewPage, server: Server) -> None:
    page = new_page()
    explorer = open_explorer(page, server, "convolution")
    explorer.locator(".window").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.type("2.5")
    page.keyboard.press("Enter")
    expect(explorer.locator(".middle .title")).to_have_text("Custom")
    weights = FAMILIES["vertical-edges"].at(3).copy()
    weights[1, 1] = 2.5
    expected = keras_result(DIGIT, weights)
    expect(page).to_have_url(re.compile("convolution_kernel=Custom"))

    page.mouse.move(*cell(explorer.locator(RESULT), 10, 15, 26, 26))
    assert value(explorer) == pytest.approx(float(expected[10, 15]), abs=6e-4)
    page.mouse.move(5, 5)
    explorer.locator(f"{RESULT} .cells").focus()
    page.keyboard.press("Home")

    explorer.get_by_role("spinbutton", name="Bias").fill("-1.5")
    page.keyboard.press("Enter")
    expect(explorer.locator(".ledger .last .amount")).to_have_text(re.compile("−1.5"))
    assert value(explorer) == pytest.approx(float(expected[0, 0]) - 1.5, abs=6e-4)

    # Another reader with the address sees the same; reset gives the named kernel back.
    other = new_page()
    other.goto(page.url)
    arrived(other, find("convolution"))
    expect(other.locator(f"{ROOT} .middle .title").first).to_have_text("Custom")
    explorer.get_by_role("button", name="Reset to vertical edges").click()
    expect(explorer.locator(".middle .title")).to_have_text("Vertical edges")


def test_a_filter_of_a_gallery_is_taken_into_the_explorer(
    new_page: NewPage, server: Server
) -> None:
    page = new_page()
    explorer = open_explorer(page, server, "convolution")
    second = page.locator(".explorer.grid").first.locator(".cells").nth(1)
    expect(second).to_have_attribute("aria-label", re.compile("Enter takes it"))
    second.click()
    expect(second).to_have_attribute("aria-current", "true")
    expect(explorer.locator(".middle .title")).to_have_text("Horizontal edges")
    # A learned one brings its bias and its ReLU along.
    page.locator(".explorer.grid").nth(1).locator(".cells").nth(2).click()
    expect(explorer.locator(".middle .title")).to_have_text("Custom")
    expect(explorer.locator(".ledger .last")).to_contain_text("ReLU")


def test_pooling_shows_the_window_the_winner_and_the_mean(
    new_page: NewPage, server: Server
) -> None:
    page = new_page()
    explorer = open_explorer(page, server, "pooling", "pooling_pool_size=3&pooling_padding=same")
    image = mnist.load().x_test[0].astype(np.float32)
    largest, mean = (
        keras.ops.convert_to_numpy(
            pool(image[None, ..., None], 3, 3, padding="same", data_format="channels_last")
        )[0, ..., 0]
        for pool in (keras.ops.max_pool, keras.ops.average_pool)
    )
    size = len(largest)
    pane = explorer.locator(RESULT).first
    for row, column in [(0, 0), (4, 5), (3, 3), (size - 1, size - 1)]:
        page.mouse.move(*cell(pane, row, column, size, size))
        expect(explorer).to_have_attribute("data-target", f"output {row} {column}")
        first, second = explorer.locator(".ledger .amount").all_inner_texts()
        assert number(first.split()[-1]) == pytest.approx(float(largest[row, column]), abs=1e-3)
        assert number(second.split()[-1]) == pytest.approx(float(mean[row, column]), abs=0.06)
        lit = explorer.locator(".window .cell.lit .value").inner_text()
        assert number(lit) == pytest.approx(float(largest[row, column]), abs=1e-3)
    # Padding counts for nothing, though it is as dark as the paper that wins beside it.
    page.mouse.move(*cell(explorer.locator(".pane.input"), 0, 0, 30, 30))
    expect(explorer.locator(".ledger .amount").last).to_have_text("0")
    expect(explorer).to_have_attribute("data-value", "0")


def test_padding_counts_how_often_each_pixel_is_used(new_page: NewPage, server: Server) -> None:
    page = new_page()
    query = "padding_padding=2&padding_size=9&padding_strides=2&padding_dilation_rate=2"
    explorer = open_explorer(page, server, "padding", query)
    counts = coverage(9, 9, 3, 2, 2, 2)
    pane = explorer.locator(".pane.input")
    for row, column in [(0, 0), (4, 4), (3, 5), (8, 0)]:
        page.mouse.move(*cell(pane, row + 2, column + 2, 13, 13))
        expect(explorer).to_have_attribute("data-value", str(counts[row, column]))
    page.mouse.move(*cell(pane, 0, 0, 13, 13))
    assert status(explorer).startswith("Padding")


def test_a_series_is_explored_as_a_picture_is(new_page: NewPage, server: Server) -> None:
    page = new_page()
    query = "beyond_series=Daily+temperature&beyond_kernel=Difference&beyond_padding=causal"
    explorer = open_explorer(page, server, "beyond-images", query)
    numbers = series.SERIES["temperature"].values
    kernel = series.KERNELS["difference"].values
    layer = keras.layers.Conv1D(1, 3, padding="causal", use_bias=False)
    layer.build((None, None, 1))
    layer.set_weights([kernel.reshape(3, 1, 1)])
    expected = keras.ops.convert_to_numpy(layer(numbers.reshape(1, -1, 1)))[0, :, 0]
    pane = explorer.locator(RESULT)
    for place in (0, 1, 60, 119):
        page.mouse.move(*cell(pane, 0, place, 1, len(expected)))
        expect(explorer).to_have_attribute("data-target", f"output 0 {place}")
        assert value(explorer) == pytest.approx(float(expected[place]), abs=6e-4)


def test_a_slider_moves_the_explorer_alone_and_the_page_follows_when_it_rests(
    new_page: NewPage, server: Server
) -> None:
    page = new_page()
    runs: list[bool] = []  # whether each run was of a fragment alone

    def received(message: str | bytes) -> None:
        if isinstance(message, bytes):
            sent = ForwardMsg.FromString(message)
            if sent.WhichOneof("type") == "script_finished":
                runs.append(sent.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)

    page.on("websocket", lambda socket: socket.on("framereceived", received))
    explorer = open_explorer(page, server, "convolution")
    page.wait_for_timeout(1000)
    assert True not in runs, "the first picture comes with the whole page and asks for nothing"
    runs.clear()
    words = page.get_by_text("lies on the picture and gives one number")
    expect(words).to_contain_text("moves on by 1")
    page.locator(".st-key-convolution_strides input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    expect(explorer.locator(".pane.output:not([hidden]) .title")).to_contain_text("13×13")
    expect(words).to_contain_text("moves on by 2")
    page.wait_for_timeout(1000)
    assert runs == [True, False]


def test_a_finger_points_and_pins(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    try:
        page = context.new_page()
        explorer = open_explorer(page, server, "convolution")
        pane = explorer.locator(".pane.input")
        pane.scroll_into_view_if_needed()
        page.touchscreen.tap(*cell(pane, 9, 9, 28, 28))
        expect(explorer).to_have_attribute("data-target", "input 9 9")
        # No wider than the phone.
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    finally:
        context.close()


def test_without_motion_the_window_goes_from_stop_to_stop(
    chromium: Browser, server: Server
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    try:
        page = context.new_page()
        explorer = open_explorer(page, server, "convolution")
        explorer.evaluate(
            """root => {
              root.seen = [];
              new MutationObserver(() => root.seen.push(root.dataset.target)).observe(
                root, { attributes: true, attributeFilter: ['data-target'] });
            }"""
        )
        explorer.get_by_role("button", name="Play to").click()
        expect(explorer).to_have_attribute("data-target", "output 0 25")
        seen = set(explorer.evaluate("root => root.seen"))
        assert seen == {"output 0 0", "output 0 25"}
    finally:
        context.close()


def test_the_explorer_stands_on_one_screen_of_a_projector(
    new_page: NewPage, server: Server
) -> None:
    page = new_page()
    page.set_viewport_size({"width": 1280, "height": 720})
    open_explorer(page, server, "convolution")
    for slug in ("convolution", "padding", "pooling", "beyond-images"):
        page.set_viewport_size({"width": 1280, "height": 720})
        page.get_by_test_id("stSidebarNavLink").filter(has_text=find(slug).title).click()
        explorer = drawn(page, slug)
        for part in (".pane.input", ".window", ".ledger", f"{RESULT} >> nth=-1", ".controls"):
            box = explorer.locator(part).bounding_box()
            assert box is not None
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= 720, (slug, part)
            assert box["x"] + box["width"] <= 1280, (slug, part)
        small = type_size(explorer)
        assert small >= 16
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.wait_for_function("document.querySelector('[data-testid=stMain]').clientWidth > 1500")
        page.wait_for_timeout(300)
        assert type_size(explorer) > 1.3 * small


def type_size(explorer: Locator) -> float:
    """The smallest type of the arithmetic, in pixels."""
    sizes = explorer.evaluate(
        """root => [...root.querySelectorAll('.window span, .ledger span')]
          .filter((node) => node.offsetParent)
          .map((node) => parseFloat(getComputedStyle(node).fontSize))"""
    )
    return min(sizes)


def test_a_large_picture_is_zoomed_and_follows_the_window(resting: Locator) -> None:
    explorer, page = resting, resting.page
    base = explorer.locator(".pane.input canvas").first
    before = base.bounding_box()
    explorer.get_by_role("button", name="Zoom in").click()
    explorer.get_by_role("button", name="Zoom in").click()
    after = base.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] == pytest.approx(4 * before["width"], rel=0.01)
    explorer.locator(f"{RESULT} .cells").focus()
    page.keyboard.press("End")
    port = explorer.locator(".pane.input .port")
    left, wide, all_ = port.evaluate("p => [p.scrollLeft, p.clientWidth, p.scrollWidth]")
    assert left + wide >= all_ - 8
    explorer.get_by_role("button", name="Zoom out").click()
    explorer.get_by_role("button", name="Zoom out").click()
    assert base.bounding_box() == before
