"""``python -m bench.pictures``: take the README's pictures of the real app."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench.browser import APP, ROOT, browser, serve
from lesson.ui.navigation import PAGES

FOLDER = ROOT / "docs" / "pictures"


def main() -> None:
    """Every page, as a projector shows it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=800)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--full", action="store_true", help="the whole page, not one screen")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as runs,
        serve(APP, Path(runs)) as server,
        browser() as chromium,
    ):
        page = chromium.new_page(color_scheme="dark" if arguments.dark else "light")
        for entry in PAGES:
            page.set_viewport_size({"width": arguments.width, "height": arguments.height})
            page.goto(f"{server.address}/{'' if entry is PAGES[0] else entry.slug}")
            page.get_by_role("heading", level=1, name=entry.title).wait_for(timeout=60_000)
            page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
            # Streamlit loads each kind of element when it first meets it: wait for all of them.
            page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
            page.wait_for_timeout(1500)  # until charts have been drawn
            if arguments.full:
                height = page.evaluate(
                    "document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
                )
                page.set_viewport_size({"width": arguments.width, "height": int(height) + 100})
                page.wait_for_timeout(1500)
            page.screenshot(path=arguments.folder / f"{entry.slug}.png")


if __name__ == "__main__":
    main()
