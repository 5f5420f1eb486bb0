"""What all tests share: a run folder of their own, pages opened through the router, their pictures.

The helpers are imported, ``from tests.conftest import picture``; the fixtures are asked for.
"""

from __future__ import annotations

import gc
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import hypothesis
import pytest
from streamlit.testing.v1 import AppTest

if TYPE_CHECKING:
    from lesson.ui.explorer.maps import Values

# Before the app is imported: a test must neither read nor leave anything in the user's cache.
os.environ["CNN_CLASSROOM_RUNS"] = tempfile.mkdtemp(prefix="cnn-classroom-tests-")
os.environ.pop("DASK_SCHEDULER_ADDRESS", None)

# The first example loads modules, and a busy machine is slow, not wrong.
hypothesis.settings.register_profile("lesson", deadline=None)
hypothesis.settings.load_profile("lesson")

ROOT = Path(__file__).resolve().parent.parent
ROUTER = ROOT / "streamlit_app.py"

OpenPage = Callable[..., AppTest]


# The files that take longest come first: at the end no worker waits for another's. Those that need
# a browser stand beside those that wait for processes, so that two browsers seldom compete.
LONG = (
    "test_explorer.py",
    "test_trainer.py",
    "test_accessible.py",
    "test_takeaway.py",
    "test_journeys.py",
    "test_training.py",
    "test_inside_explorer.py",
    "test_shipped.py",
    "test_failures.py",
    "test_inside_a_cnn.py",
    "test_own_pictures.py",
    "test_network.py",
    "test_presenter.py",
    "test_export.py",
    "test_training_journey.py",
    "test_student.py",
    "test_class_links.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {name: rank for rank, name in enumerate(LONG)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(LONG)))


class Picture(NamedTuple):
    """What the explorer was sent: the key that the page gave it, the header, the arrays."""

    key: str
    header: dict[str, Any]
    arrays: list[Values]

    def map(self, role: str) -> dict[str, Any]:
        """The header of the one map with this role."""
        (found,) = (map_ for map_ in self.header["maps"] if map_.get("role") == role)
        return dict(found)

    def array(self, role: str) -> Values:
        """The array of the one map with this role."""
        (found,) = self.all(role)
        return found

    def all(self, role: str) -> list[Values]:
        """The arrays of every map with this role."""
        maps = zip(self.header["maps"], self.arrays, strict=True)
        return [array for map_, array in maps if map_.get("role") == role]


def pictures(app: AppTest) -> list[Picture]:
    """The pictures of a page that ran without an exception; what holds their script is none."""
    from lesson.ui import explorer

    assert not app.exception
    drawn = [part for part in app.get("bidi_component") if part.proto.bytes]
    return [Picture(str(part.key), *explorer.decode(part.proto.bytes)) for part in drawn]


def picture(app: AppTest, key: str) -> Picture:
    """The picture with this key."""
    (found,) = (drawn for drawn in pictures(app) if drawn.key == key)
    return found


def tell(app: AppTest, key: str, event: str, value: object) -> AppTest:
    """Run the page as it runs when the browser tells of an event in the picture with this key."""
    from streamlit.components.v2.bidi_component.main import _make_trigger_id
    from streamlit.proto.WidgetStates_pb2 import WidgetState

    (part,) = (part for part in app.get("bidi_component") if part.key == key)
    states = app._tree.get_widget_states()
    told = json.dumps([{"event": event, "value": value}])
    trigger = WidgetState(id=_make_trigger_id(part.proto.id, "events"), json_trigger_value=told)
    # Beside the event the browser sends what the picture keeps, which is nothing.
    states.widgets.extend([WidgetState(id=part.proto.id, json_value="{}"), trigger])
    return app._run(states)


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
def _packages_are_searched_once() -> Iterator[None]:
    """Each AppTest is a server of its own, and would search all packages for components."""
    from streamlit.components.v2 import manifest_scanner

    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda *_: found)
        yield


@pytest.fixture(scope="session", autouse=True)
def _sentences_stand_without_marks() -> Iterator[None]:
    """Tests read the pages' sentences; those of the glossary ask for its marks themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lesson.glossary.AT_ONCE", 0)
        yield


@pytest.fixture(scope="module", autouse=True)
def _what_is_imported_is_no_garbage() -> None:
    """Each run of a page in AppTest ends with a full collection: beside TensorFlow 0.3 s each."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _no_process_stays() -> Iterator[None]:
    """The trainer that the pages share is closed when the tests end."""
    yield
    import shutil

    from lesson.ui import resources

    resources.trainer().close()
    shutil.rmtree(os.environ["CNN_CLASSROOM_RUNS"], ignore_errors=True)
