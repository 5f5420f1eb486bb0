"""A real browser and a real server for the journeys; loud when there is no browser."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.browser import APP, HOW_TO_GET_A_BROWSER, Server, browser, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

MUST_HAVE = "CNN_CLASSROOM_REQUIRE_BROWSER"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser. Without one the journeys are skipped, or fail where it must be there."""
    from playwright.sync_api import expect

    expect.set_options(timeout=60_000)  # a busy machine is slow, not wrong
    opened = browser()
    try:
        found = opened.__enter__()
    except RuntimeError:
        if os.environ.get(MUST_HAVE):
            pytest.fail(HOW_TO_GET_A_BROWSER)
        pytest.skip(HOW_TO_GET_A_BROWSER)
    yield found
    opened.__exit__(None, None, None)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The lesson's own server, with an empty run folder."""
    with serve(APP, tmp_path_factory.mktemp("runs")) as running:
        yield running


@pytest.fixture(scope="module")
def reader(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser of a reader's own, who fetches Streamlit's scripts once for a file of tests."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def new_page(reader: BrowserContext) -> Iterator[Callable[[], Page]]:
    """Opens pages, each with a session of its own; fails on errors in their scripts."""
    pages: list[Page] = []
    errors: list[str] = []

    def opened() -> Page:
        page = reader.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert errors == []


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A run folder for a server of the test's own."""
    return tmp_path / "runs"


@pytest.fixture
def axe() -> Callable[..., list[str]]:
    """What axe finds serious or critical on a page, by all of its rules or by some."""
    from axe_playwright_python.sync_playwright import Axe

    checker = Axe()

    def at_rest(page: Page, *rules: str) -> list[str]:
        # Colours fade into each other: what is wrong stays wrong.
        for _ in range(4):
            page.wait_for_timeout(400)
            if not (found := serious(page, *rules)):
                break
        return found

    def serious(page: Page, *rules: str) -> list[str]:
        # What passes is not told: that takes axe longer than to find what is wrong.
        options: dict[str, object] = {"resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = list(rules)
        found = checker.run(page, options=options).response["violations"]
        return [
            f"{rule['id']}: {json.dumps([node['target'] for node in rule['nodes']])}"
            for rule in found
            if rule["impact"] in ("critical", "serious")
        ]

    return at_rest
