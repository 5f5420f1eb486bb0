"""Digits of one's own in a real browser: drawn by mouse, finger and keyboard, and uploaded."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from bench.browser import Server
from lesson import drawing, mnist, network
from lesson.runs import RunStore
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui.explorer.component import AHEAD, WHOLE
from lesson.ui.explorer.pad import encode
from tests.e2e.test_journeys import stands_still

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

NewPage = Callable[[], "Page"]
Points = list[tuple[int, int]]

SEVEN: list[Points] = [[(80, 50), (200, 50), (130, 240)], [(100, 150), (190, 150)]]
ONE: list[Points] = [[(140, 40), (140, 240)]]
# Pictures that come to places of their own, as Streamlit's components get theirs.
ARRIVE = """async (pictures) => {
  const show = await globalThis.cnnClassroom.ready;
  const places = (window.places ??= {});
  for (const [name, bytes] of pictures) {
    places[name] ??= document.body.appendChild(document.createElement("div"))
      .attachShadow({ mode: "open" });
    show({ data: Uint8Array.from(bytes), parentElement: places[name], setTriggerValue: () => {} });
  }
}"""
SIDEBAR = "[data-testid=stSidebarUserContent]"


def opened(
    page: Page, server: Server, slug: str = "data-preparation", source: str = "Draw"
) -> Page:
    page.goto(f"{server.address}/{slug}?digit_source={source}")
    settled(page)
    return page


def settled(page: Page) -> None:
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stException")).to_have_count(0)


def sheet(page: Page) -> Locator:
    return page.get_by_role("application", name="Draw a digit")


def draw(page: Page, strokes: list[Points]) -> None:
    """Draw by mouse; points are given on the pad's grid."""
    sheet(page).scroll_into_view_if_needed()
    stands_still(page, sheet(page))
    for first, *others in strokes:
        page.mouse.move(*at(page, first))
        page.mouse.down()
        for point in others:
            page.mouse.move(*at(page, point), steps=12)
        page.mouse.up()


def at(page: Page, point: tuple[int, int]) -> tuple[float, float]:
    box = sheet(page).bounding_box()
    assert box
    return tuple(
        box[side] + place / drawing.GRID * box["width"]
        for side, place in zip("xy", point, strict=True)
    )


def answers(page: Page) -> list[tuple[str, str]]:
    """What the sidebar says: the network and its digit."""
    said = page.locator(SIDEBAR).inner_text()
    return [(name, digit) for digit, name in re.findall(r"(\d) (Feedforward|CNN [12]), ", said)]


def wait_for_answers(page: Page, digit: str) -> None:
    for name in NOTEBOOK_RUNS:
        expect(page.locator(SIDEBAR)).to_contain_text(f"{digit} {name}, ")


def expected(strokes: list[Points]) -> list[tuple[str, str]]:
    """What NumPy makes of the drawing, without a browser."""
    image = drawing.prepare(drawing.draw(tuple(map(tuple, strokes)))).image
    said = []
    for name, spec in NOTEBOOK_RUNS.items():
        run = RunStore().find(spec)
        assert run is not None
        assert run.weights is not None
        chances = network.predict(spec.network, run.weights, mnist.prepare(image[None]))[0]
        said.append((name, str(chances.argmax())))
    return said


def ink(page: Page) -> int:
    """How many pixels of the pad are drawn on."""
    return (
        sheet(page)
        .locator("canvas")
        .evaluate(
            "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data"
            ".filter((value, i) => i % 4 === 3 && value > 127).length"
        )
    )


def test_a_drawn_digit_is_read_by_the_three_networks_as_numpy_reads_it(
    new_page: NewPage, server: Server
) -> None:
    page = opened(new_page(), server)
    expect(page.locator(SIDEBAR)).to_contain_text("Nothing is drawn yet")
    draw(page, SEVEN)
    wait_for_answers(page, "7")
    assert answers(page) == expected(SEVEN)
    expect(page.get_by_role("heading", name="From your digit")).to_be_visible()
    # The pad shows what NumPy fills.
    box = sheet(page).locator("canvas").evaluate("canvas => canvas.width")
    share = drawing.draw(tuple(map(tuple, SEVEN))).mean()
    assert ink(page) / box**2 == pytest.approx(share, rel=0.05)

    # Strokes in quick succession are all kept.
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.locator(SIDEBAR)).to_contain_text("Nothing is drawn yet")
    lines: list[Points] = [[(20, 20 + 30 * n), (260, 20 + 30 * n)] for n in range(8)]
    draw(page, lines)
    expect(page.get_by_text("You drew 8 strokes")).to_be_visible()
    settled(page)
    rows = (
        sheet(page)
        .locator("canvas")
        .evaluate(
            "canvas => { const data = canvas.getContext('2d')"
            ".getImageData(canvas.width / 2, 0, 1, canvas.height).data;"
            " let lines = 0; for (let i = 7; i < data.length; i += 4)"
            " lines += data[i] > 127 && data[i - 4] <= 127; return lines; }"
        )
    )
    assert rows == len(lines)


def test_a_stroke_can_be_taken_back_and_all_be_cleared(new_page: NewPage, server: Server) -> None:
    page = opened(new_page(), server)
    undo, clear = (page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Clear"))
    expect(undo).to_be_disabled()
    draw(page, ONE)
    wait_for_answers(page, "1")
    one = ink(page)
    draw(page, [[(60, 240), (220, 240)], [(60, 60), (220, 60)]])
    expect(page.get_by_text("You drew 3 strokes")).to_be_visible()
    undo.click()
    page.keyboard.press("Tab")
    sheet(page).focus()
    page.keyboard.press("Control+z")
    wait_for_answers(page, "1")
    expect(page.get_by_text("You drew 1 stroke on")).to_be_visible()
    assert ink(page) == pytest.approx(one, rel=0.1)  # the keyboard's pen stands on it too
    clear.click()
    expect(page.locator(SIDEBAR)).to_contain_text("Nothing is drawn yet")
    expect(clear).to_be_disabled()
    undo.click()
    wait_for_answers(page, "1")


def test_a_drawing_outlives_its_page_but_not_the_session(new_page: NewPage, server: Server) -> None:
    page = opened(new_page(), server)
    draw(page, ONE)
    wait_for_answers(page, "1")
    drawn = ink(page)
    page.get_by_role("link", name="Next: Feedforward network").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Feedforward network")
    settled(page)
    wait_for_answers(page, "1")
    assert ink(page) == drawn
    # It can be drawn on: the numbers of the changes go on where they were.
    sure = re.findall(r"Feedforward, .*%", page.locator(SIDEBAR).inner_text())[0]
    draw(page, [[(60, 240), (220, 240)]])
    expect(page.locator(SIDEBAR)).not_to_contain_text(sure)
    page.get_by_role("link", name="Previous: Data preparation").click()
    expect(page.get_by_text("You drew 2 strokes")).to_be_visible()
    page.reload()
    settled(page)
    expect(page.locator(SIDEBAR)).to_contain_text("Nothing is drawn yet")
    assert ink(page) == 0


def test_a_picture_of_an_older_run_does_not_call_off_what_a_newer_one_asks_for(
    new_page: NewPage, server: Server
) -> None:
    page, asked = new_page(), []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: asked.append(1)))
    opened(page, server)
    expect(sheet(page)).to_be_visible()
    page.wait_for_timeout(1000)

    def come(*pages: bytes) -> int:
        """Pictures come in this order, each ahead of its page or with it; how often one asks."""
        before = len(asked)
        pictures = [[n, list(encode((), 0, "a pad") + page)] for n, page in enumerate(pages)]
        page.evaluate(ARRIVE, pictures)
        page.wait_for_timeout(1000)
        settled(page)
        return len(asked) - before

    assert come(AHEAD, WHOLE) == 1
    page.evaluate(ARRIVE, [[0, list(encode((), 0, "a pad") + AHEAD)]])
    assert come(WHOLE) == 0, "the one that was ahead has come with its page"


def test_a_digit_can_be_drawn_with_the_keyboard_alone(new_page: NewPage, server: Server) -> None:
    page = opened(new_page(), server, "pooling")
    page.get_by_text("Digit from").click()
    for _ in range(12):
        page.keyboard.press("Tab")
        if sheet(page).evaluate("node => node.matches(':focus-visible')"):
            break
    assert sheet(page).evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    status = page.get_by_role("status").filter(has_text="Pen")
    expect(status).to_contain_text("Pen up, row 140, column 140")
    for _ in range(10):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    expect(status).to_contain_text("Pen down, row 40, column 140")
    for _ in range(20):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    wait_for_answers(page, "1")
    assert answers(page) == expected(ONE)
    # A stroke that was begun is taken back alone.
    page.keyboard.press("Space")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("status").filter(has_text="begun")).to_be_visible()
    assert answers(page) == expected(ONE)
    page.keyboard.press("Control+z")
    expect(page.locator(SIDEBAR)).to_contain_text("Nothing is drawn yet")


@pytest.fixture
def touch_page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, has_touch=True)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def test_a_finger_draws_and_the_page_stays_where_it_is(touch_page: Page, server: Server) -> None:
    page = opened(touch_page, server)
    sheet(page).scroll_into_view_if_needed()
    device = page.context.new_cdp_session(page)
    before = sheet(page).bounding_box()

    def touch(kind: str, *points: tuple[int, int]) -> None:
        places = [dict(zip("xy", at(page, point), strict=True)) for point in points]
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", (140, 40))
    for row in range(50, 241, 10):
        touch("touchMove", (140, row))
    touch("touchEnd")
    wait_for_answers(page, "1")
    assert sheet(page).bounding_box() == before
    expect(page.get_by_text("You drew 1 stroke on")).to_be_visible()


def png(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG")
    return file.getvalue()


def test_a_picture_can_be_uploaded_and_what_is_none_is_told_of(
    new_page: NewPage, server: Server
) -> None:
    page = opened(new_page(), server, source="Upload")
    field = page.locator("input[type=file]")
    seven = np.kron(255 - mnist.load().x_test[0], np.ones((8, 8), dtype=np.uint8))
    field.set_input_files({"name": "seven.png", "mimeType": "image/png", "buffer": png(seven)})
    wait_for_answers(page, "7")
    expect(page.get_by_text("Its border is light")).to_be_visible()
    page.get_by_role("link", name="Next: Feedforward network").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Feedforward network")
    wait_for_answers(page, "7")
    page.get_by_role("button", name="Put the picture away").click()
    expect(page.locator(SIDEBAR)).to_contain_text("Nothing is uploaded yet")
    field.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"<svg></svg>"})
    expect(page.get_by_role("alert").filter(has_text="none of them")).to_be_visible()
    settled(page)
