"""Training as an experiment, in a real browser: change, train, cancel, train, compare."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from bench.browser import APP, serve
from tests.e2e.test_journeys import address, arrived, find, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

NewPage = Callable[[], "Page"]
# Many small steps: quick to end, and slow enough to be cancelled.
SMALL = (
    "feedforward_hidden_layers=1&feedforward_units_1=8&feedforward_epochs=1"
    "&feedforward_training_digits=10,000&feedforward_batch_size=16"
)


def step(page: Page, slider: str, key: str) -> None:
    """Move a slider by a stop, as the arrow keys do."""
    page.get_by_role("slider", name=slider).focus()
    page.keyboard.press(key)
    settled(page)


def test_one_thing_is_changed_trained_and_compared(new_page: NewPage, runs: Path) -> None:
    feedforward = find("feedforward")
    with serve(APP, runs) as server:
        page = new_page()
        page.goto(address(server, feedforward, SMALL))
        arrived(page, feedforward)
        train = page.get_by_role("button", name="Train this network")
        expect(page.get_by_text("1 epoch of 563 batches")).to_be_visible()
        step(page, "Units in layer 1", "ArrowRight")
        step(page, "Epochs", "ArrowRight")
        expect(page.get_by_text("7,960 parameters, 9,000 digits, 2 epochs")).to_be_visible()

        train.click()
        cancel = page.get_by_role("button", name="Cancel")
        expect(cancel).to_be_visible()
        cancel.click()
        expect(page.get_by_text("Cancelled: nothing of it was kept.")).to_be_visible()

        train.click()
        expect(page.get_by_text("Accuracy on the test digits")).to_be_visible(timeout=120_000)
        settled(page)
        first = page.get_by_test_id("stMetricValue").first
        expect(first).to_be_in_viewport()
        a = first.inner_text()
        expect(page.get_by_text("What the first layer, dense, learned")).to_be_visible()

        page.get_by_role("button", name="Change one thing and compare").click()
        expect(page.get_by_text("This run is A.")).to_be_visible()
        step(page, "Epochs", "ArrowRight")
        beside = page.get_by_text("Both begin from the same first weights.")
        expect(beside).to_contain_text(f"A, {a}: epochs 2. B: epochs 3.")

        train.click()
        # While B is trained, its values can be read under the pointer, and A is there.
        expect(page.locator("g.live").first.get_by_text("A", exact=True)).to_be_visible()
        expect(page.get_by_text("Accuracy on the test digits")).to_be_visible(timeout=120_000)
        settled(page)
        apart = page.get_by_test_id("stMetricDelta").first
        expect(apart).to_have_text(re.compile(rf"points: A {re.escape(a)}$"))
        expect(apart).to_be_in_viewport()
        b = page.get_by_test_id("stMetricValue").first.inner_text()
        points = round(float(b[:-1]) - float(a[:-1]), 2)
        expect(page.get_by_text(f"{abs(points):.2f} percentage points")).to_be_visible()

        page.get_by_role("button", name="Put A away").click()
        expect(beside).to_have_count(0)
        expect(page.get_by_text("Accuracy on the test digits")).to_be_visible()
