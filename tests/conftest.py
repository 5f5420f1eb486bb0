"""What all tests share: a run folder of their own, and pages opened through the router."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

# Before the app is imported: a test must neither read nor leave anything in the user's cache.
os.environ["CNN_CLASSROOM_RUNS"] = tempfile.mkdtemp(prefix="cnn-classroom-tests-")
os.environ.pop("DASK_SCHEDULER_ADDRESS", None)

ROOT = Path(__file__).resolve().parent.parent
ROUTER = ROOT / "streamlit_app.py"

OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page() -> OpenPage:
    """Open a lesson page by its address through the router, with values in the address bar."""

    def opened(slug: str, **query: str) -> AppTest:
        from lesson.ui.navigation import page

        # The router has to have run once before the test knows its pages.
        app = AppTest.from_file(str(ROUTER), default_timeout=120).run()
        app.switch_page(page(slug).file)
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return opened


@pytest.fixture(scope="session", autouse=True)
def _no_process_stays() -> Iterator[None]:
    """The trainer that the pages share is closed when the tests end."""
    yield
    import shutil

    from lesson.ui import resources

    resources.trainer().close()
    shutil.rmtree(os.environ["CNN_CLASSROOM_RUNS"], ignore_errors=True)
