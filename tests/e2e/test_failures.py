"""What breaks while a class is at work: a killed worker, a full disk, a run folder that is gone.

Each time a sentence says what happened, and nothing is lost that was finished.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from playwright.sync_api import expect

from bench.browser import APP, Server, serve

if TYPE_CHECKING:
    from playwright.sync_api import Page

NewPage = Callable[[], "Page"]
BASE = "feedforward_hidden_layers=1&feedforward_units_1=16&feedforward_training_digits=1000"
QUICK = f"{BASE}&feedforward_epochs=2&feedforward_batch_size=64"
LONG = f"{BASE}&feedforward_epochs=20&feedforward_batch_size=16&feedforward_validation_split=0.5"


@pytest.fixture(scope="module")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A server whose parts may be broken, as long as it mends itself, and its run folder."""
    runs = tmp_path_factory.mktemp("classroom") / "runs"
    with serve(APP, runs) as server:
        yield server, runs


def train(page: Page, server: Server, query: str) -> None:
    page.goto(f"{server.address}/feedforward?{query}")
    page.get_by_role("button", name="Train this network").click()


def finished(page: Page) -> None:
    expect(page.get_by_text("Accuracy on the test digits").first).to_be_visible(timeout=120_000)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def workers(server: Server) -> list[psutil.Process]:
    """The processes that train, behind the one that keeps them."""
    family = psutil.Process(server.process.pid).children(recursive=True)
    return [each for each in family if "spawn_main" in " ".join(each.cmdline())]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for next to nothing.

    Where one may not be mounted, the server is forbidden to write files instead.
    """
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True
    )
    yield folder
    if mounted.returncode == 0:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def may_not_write(server: Server) -> None:
    psutil.Process(server.process.pid).rlimit(psutil.RLIMIT_FSIZE, (30_000, 30_000))


def test_a_worker_killed_in_mid_training_is_replaced_and_the_page_says_so(
    new_page: NewPage, classroom: tuple[Server, Path]
) -> None:
    server, _ = classroom
    page = new_page()
    train(page, server, LONG)
    expect(page.get_by_text("Training: epoch").first).to_be_visible(timeout=120_000)
    for worker in workers(server):
        worker.kill()
    expect(page.get_by_text("it begins again from its first weights")).to_be_visible()
    finished(page)


def test_a_full_disk_loses_no_finished_run(new_page: NewPage, small_disk: Path) -> None:
    with serve(APP, small_disk) as server:
        if not small_disk.is_mount():
            may_not_write(server)
        page = new_page()
        train(page, server, QUICK)
        finished(page)
        expect(page.get_by_text("could not be written to the run folder").first).to_be_visible()
        other = new_page()  # another reader finds it too
        other.goto(f"{server.address}/feedforward?{QUICK}")
        finished(other)


def test_a_run_folder_that_is_removed_costs_nothing_that_was_seen(
    new_page: NewPage, classroom: tuple[Server, Path]
) -> None:
    server, runs = classroom
    page = new_page()
    train(page, server, QUICK)
    finished(page)
    shutil.rmtree(runs)
    page.reload()
    finished(page)
    page.goto(f"{server.address}/comparison")
    expect(page.get_by_text("can no longer be found in the run folder").first).to_be_visible()
    train(page, server, f"{QUICK}&feedforward_seed=7")
    finished(page)
    end = time.monotonic() + 30
    while not any(runs.glob("*/manifest.json")) and time.monotonic() < end:
        time.sleep(0.1)
    assert any(runs.glob("*/manifest.json"))
