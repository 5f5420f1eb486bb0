"""The comparison in a real browser: a cell of the matrix clicked, runs selected and taken along."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import expect

from bench.browser import Server
from lesson import downloads, evaluation, mnist, takeaway
from lesson.results import Run
from lesson.runs import RunStore
from lesson.specs import NOTEBOOK_RUNS
from tests.e2e.test_journeys import address, arrived, find, settled, stands_still
from tests.e2e.test_own_pictures import draw

if TYPE_CHECKING:
    from playwright.sync_api import Page

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

NewPage = Callable[[], "Page"]
COMPARISON = find("comparison")
PICTURES = ".explorer.grid figure:not([hidden])"
# Where the middle of a cell of the matrix is on the screen.
MIDDLE = """([row, column]) => {
  const plot = document.querySelector(".st-key-comparison_matrix .js-plotly-plot");
  const [box, inside] = [plot.getBoundingClientRect(), plot._fullLayout._size];
  const at = (place, length) => (place + 0.5) * length / 10;
  return [box.x + inside.l + at(column, inside.w), box.y + inside.t + at(row, inside.h)];
}"""


def shipped(name: str) -> Run:
    run = RunStore().find(NOTEBOOK_RUNS[name])
    assert run is not None
    return run


def opened(page: Page, server: Server, query: str) -> None:
    page.goto(address(server, COMPARISON, query))
    arrived(page, COMPARISON)


def click(page: Page, true: int, answer: int, aside: int = 0) -> None:
    """Click a cell of the matrix, ``aside`` pixels from its middle."""
    matrix = page.locator(".st-key-comparison_matrix .js-plotly-plot .yaxislayer-above text")
    expect(matrix.first).to_be_visible()
    x, y = page.evaluate(MIDDLE, [true, answer])
    page.mouse.move(x + aside, y + aside)
    expect(page.locator(".hoverlayer")).to_contain_text(f"true {true}, answer {answer}")
    page.mouse.click(x + aside, y + aside)
    expect(page).to_have_url(re.compile(f"comparison_true={true}&comparison_answer={answer}"))
    # Of a cell that was chosen already the address says so before the run begins: let it begin.
    page.wait_for_timeout(500)
    settled(page)


def test_a_click_on_a_cell_shows_its_digits_and_so_do_the_next_ones(
    new_page: NewPage, server: Server
) -> None:
    page, counts = new_page(), shipped("Feedforward").confusion
    opened(page, server, "comparison_view=Mistakes")
    for true, answer, aside in ((4, 9, 0), (3, 5, 12), (4, 9, -12), (4, 9, 0), (3, 5, 0)):
        click(page, true, answer, aside)
        words = f"of the {counts[true].sum():,} digits labelled {true}"
        expect(page.get_by_text(re.compile(words, re.I))).to_contain_text(
            f"takes {counts[true, answer]} for a {answer}"
        )
    seen = len(pictures(page, "3 taken for 5"))
    while (following := page.get_by_role("button", name="Next 8")).is_enabled():
        following.click()
        expect(page.get_by_text(re.compile(f"^{seen + 1} to "))).to_be_visible()
        seen += len(pictures(page, "3 taken for 5"))
    assert seen == counts[3, 5]
    # Whoever is given the address sees the same.
    other = new_page()
    other.goto(page.url)
    arrived(other, COMPARISON)
    expect(other.get_by_text(f"takes {counts[3, 5]} for a 5")).to_be_visible()


def pictures(page: Page, title: str) -> list[str]:
    """The titles of the digits that are shown, all of which are this one."""
    settled(page)
    titles = page.locator(PICTURES).locator(".title")
    # The component draws a moment after the run that has sent its picture.
    expect(titles.first).to_have_text(title)
    found = titles.all_inner_texts()
    assert set(found) == {title}
    return found


def test_a_misread_digit_is_taken_along_into_a_cnn(new_page: NewPage, server: Server) -> None:
    page, run = new_page(), shipped("CNN 2")
    place = evaluation.mistakes(mnist.load().y_test, run.test_probabilities)[1]
    opened(page, server, "comparison_view=Mistakes&comparison_confusion=CNN+2")
    page.locator(".explorer.grid .cells").nth(1).click()
    page.get_by_role("link", name="Look at it inside a CNN").click()
    arrived(page, find("inside-a-cnn"))
    expect(page.get_by_role("spinbutton", name="Test digit")).to_have_value(str(place))


def select(page: Page, *rows: int) -> None:
    """Click the boxes of rows of the table of runs, counted from 0."""
    table = page.get_by_test_id("stDataFrame")
    expect(table).to_be_visible()
    box = table.bounding_box()
    assert box is not None
    for count, row in enumerate(rows, 1):
        page.mouse.click(box["x"] + 17, box["y"] + 39 * (row + 1) + 20)
        said = "1 run is selected" if count == 1 else f"{count} runs are selected"
        expect(page.get_by_text(said)).to_be_visible()
    settled(page)


def test_a_run_is_taken_along_and_plain_keras_finds_the_same_accuracy(
    new_page: NewPage, server: Server, tmp_path: Path
) -> None:
    page, run = new_page(), shipped("CNN 2")
    opened(page, server, "comparison_view=Runs")
    select(page, 2)
    expect(page.get_by_role("combobox", name="Run to take along")).to_have_value("CNN 2")

    def taken(label: str) -> Path:
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        return path

    network, history, code = map(taken, ("Network", "History", "Script"))
    assert [path.name for path in (network, history, code)] == [
        "cnn-2.keras",
        "cnn-2.csv",
        "cnn-2.py",
    ]
    assert history.read_text() == downloads.history_csv(run)
    assert code.read_text(encoding="utf-8") == takeaway.script({"CNN 2": run.spec})
    digits = mnist.load()
    truth = keras.utils.to_categorical(digits.y_test, 10)
    model = keras.models.load_model(network)
    _, accuracy = model.evaluate(mnist.prepare(digits.x_test), truth, 500, verbose=0)
    assert accuracy == pytest.approx(run.test_accuracy, abs=1e-6)


def test_selected_runs_are_compared(new_page: NewPage, server: Server) -> None:
    page = new_page()
    opened(page, server, "comparison_view=Runs")
    select(page, 0, 2)
    page.get_by_role("button", name="Compare these").click()
    expect(page.get_by_text("Where the parameters are").first).to_be_visible()
    settled(page)
    query = parse_qs(urlparse(page.url).query)
    assert query == {"comparison_runs": ["Feedforward", "CNN 2"]}


def test_a_digit_that_is_clicked_stays_in_hand(new_page: NewPage, server: Server) -> None:
    page = new_page()
    opened(page, server, "comparison_view=Mistakes")
    picture = page.locator(".st-key-comparison_gallery canvas").first
    expect(picture).to_be_visible()
    stands_still(page, picture)
    box = picture.bounding_box()
    assert box
    page.mouse.click(box["x"] + 40, box["y"] + 40)  # the first digit
    field = page.get_by_test_id("stSidebar").get_by_role("spinbutton")
    expect(field).not_to_have_value("0")
    taken = field.input_value()
    page.get_by_test_id("stButtonGroup").get_by_text("CNN 1", exact=True).click()
    settled(page)
    expect(field).to_have_value(taken)
    page.get_by_test_id("stSidebarNavLink").get_by_text("Convolution").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Convolution")
    expect(field).to_have_value(taken)


def test_a_change_of_one_digit_runs_its_part_alone_and_a_drawing_runs_the_page(
    new_page: NewPage, server: Server
) -> None:
    page, asked = new_page(), []
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda _: asked.append(1)),
    )
    opened(page, server, "comparison_view=One+digit&digit_source=Draw")
    page.wait_for_timeout(600)  # longer than a picture waits before it asks for the page
    before = len(asked)
    page.get_by_role("slider", name="Move right").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("comparison_right=1"))
    page.wait_for_timeout(900)
    assert len(asked) == before + 1
    # What a click sets is not taken back by what the browser had.
    page.get_by_role("button", name="Turn it by 30°").click()
    expect(page).to_have_url(re.compile("comparison_rotation=30"))
    settled(page)
    expect(page).not_to_have_url(re.compile("comparison_right"))
    changed = page.locator(".st-key-comparison_changed")
    expect(changed).not_to_contain_text("Your drawing")
    draw(page, [[(140, 40), (140, 240)]])
    expect(changed).to_contain_text("Your drawing")
