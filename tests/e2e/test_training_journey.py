"""Training as an experiment, in a real browser: change, train, cancel, train, compare, take."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect

from bench.browser import APP, serve
from lesson import mnist
from lesson.runs import RunStore
from lesson.specs import NOTEBOOK_RUNS, RunSpec
from tests.e2e.test_comparison import click, select
from tests.e2e.test_journeys import address, arrived, find, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

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


def test_one_thing_is_changed_trained_compared_and_taken_along(
    new_page: NewPage, runs: Path, tmp_path: Path
) -> None:
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
        expect(page.get_by_text("Accuracy on the test digits").first).to_be_visible(timeout=120_000)
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
        expect(page.get_by_text("Accuracy on the test digits").first).to_be_visible(timeout=120_000)
        settled(page)
        apart = page.get_by_test_id("stMetricDelta").first
        expect(apart).to_have_text(re.compile(rf"points: A {re.escape(a)}$"))
        expect(apart).to_be_in_viewport()
        b = page.get_by_test_id("stMetricValue").first.inner_text()
        points = round(float(b[:-1]) - float(a[:-1]), 2)
        expect(page.get_by_text(f"{abs(points):.2f} percentage points")).to_be_visible()

        page.get_by_role("button", name="Put A away").click()
        expect(beside).to_have_count(0)
        # While the page moves up, Streamlit shows for a moment the old place beside the new.
        expect(page.get_by_text("Accuracy on the test digits")).to_have_count(1)

        # On to the comparison, where what was just trained stands on top of what ships.
        comparison = find("comparison")
        page.get_by_test_id("stSidebarNavLink").filter(has_text=comparison.title).click()
        arrived(page, comparison)
        view(page, "Runs")
        select(page, 0, 2)
        page.get_by_role("button", name="Compare these").click()
        expect(page.get_by_text("Where the parameters are").first).to_be_visible()
        settled(page)
        own, shipped = last_trained(runs, epochs=3), NOTEBOOK_RUNS["Feedforward"]
        row = page.get_by_role("row").filter(has_text="Run A")
        expect(row).to_contain_text("7,960")
        other = page.get_by_role("row", name="■ Feedforward")
        expect(other).to_contain_text(f"{shipped.network.parameters:,}")
        accuracy = float(row.get_by_role("cell").nth(1).inner_text())
        assert b == f"{accuracy:.2%}"

        path = taken(page, tmp_path)
        digits = mnist.load()
        truth = keras.utils.to_categorical(digits.y_test, 10)
        model = keras.models.load_model(path)
        _, found = model.evaluate(mnist.prepare(digits.x_test), truth, 500, verbose=0)
        assert found == pytest.approx(accuracy, abs=1e-6)

        view(page, "Mistakes")
        run = RunStore(runs).find(own)
        assert run is not None
        wrong = run.confusion - np.diag(np.diag(run.confusion))
        true, answer = divmod(int(wrong.argmax()), 10)
        click(page, true, answer)
        expect(page.get_by_text(f"takes {wrong.max()} for a")).to_be_visible()


def view(page: Page, name: str) -> None:
    """Choose what to look at on the comparison page."""
    page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).first.click()
    settled(page)


def last_trained(runs: Path, epochs: int) -> RunSpec:
    """The run in a folder that took so many epochs."""
    (found,) = (
        each.spec for each in RunStore(runs, None).summaries() if each.spec.epochs == epochs
    )
    return found


def taken(page: Page, folder: Path) -> Path:
    """Download the network of the first of the compared runs."""
    view(page, "Runs")
    with page.expect_download() as download:
        page.get_by_role("button", name="Network").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    assert path.suffix == ".keras"
    return path
