"""Presenter mode as Python knows it: where it is turned on, how long it lasts, what it changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lesson.ui import presenter
from lesson.ui.navigation import page
from tests.conftest import ROUTER, OpenPage

README = Path(__file__).resolve().parents[2] / "README.md"
AWAY = '[data-testid="stSidebar"] {'  # what only presenter mode says of the sidebar


def presents(app: AppTest) -> bool:
    """Whether the page is dressed for the stage."""
    assert not app.exception
    styles = [text.value for text in app.main.markdown if "<style>" in text.value]
    dressed = any(AWAY in style for style in styles)
    assert dressed == app.toggle("present").value
    return dressed


def opened(text: str) -> AppTest:
    """The overview, opened anew at an address with this text: the switch is on every page."""
    app = AppTest.from_file(str(ROUTER), default_timeout=120)
    app.query_params["present"] = text
    return app.run()


@pytest.mark.parametrize(
    ("text", "on"),
    [("true", True), ("True", True), ("false", False), ("maybe", False), ("", False), ("1", False)],
)
def test_the_address_turns_it_on_and_nonsense_in_it_does_nothing(text: str, on: bool) -> None:
    app = opened(text)
    assert presents(app) == on
    assert ("present" in app.query_params) == on, "what is not valid is taken out of the address"


def test_it_lasts_from_page_to_page_until_it_is_turned_off() -> None:
    app = opened("true")
    for slug in ("padding", "overview"):
        app.switch_page(page(slug).file).run()
        assert presents(app)
    app.toggle("present").set_value(False).run()
    assert not presents(app)
    app.switch_page(page("padding").file).run()
    assert not presents(app)


@pytest.mark.parametrize("slug", ["inside-a-cnn", "your-lesson", "glossary"])
def test_every_page_has_the_switch_in_its_sidebar(open_page: OpenPage, slug: str) -> None:
    app = open_page(slug)
    assert not presents(app)
    assert [toggle.key for toggle in app.sidebar.toggle] == ["present"]


def test_charts_are_set_larger(open_page: OpenPage) -> None:
    def type_sizes(app: AppTest) -> list[int]:
        (chart,) = app.get("plotly_chart")
        layout = json.loads(chart.proto.spec)["layout"]
        return [layout[axis]["tickfont"]["size"] for axis in ("xaxis", "yaxis")]

    app = open_page("comparison", comparison_view="Mistakes")
    plain = type_sizes(app)
    app.toggle("present").set_value(True).run()
    assert type_sizes(app) == [presenter.SCALE * size for size in plain]
    assert presenter.SCALE >= 1.25


def test_the_list_of_keys_is_the_readmes() -> None:
    rows = re.findall(r"(?m)^\| ([^|]+) \| ([^|]+) \|$", README.read_text("utf-8"))
    for keys in (presenter.STAGE_KEYS, presenter.PICTURE_KEYS):
        assert set(keys) <= set(rows)


def test_the_script_holds_the_list_and_cannot_end_early() -> None:
    script = presenter.script()
    assert script.count("</script>") == script.count("<script>") == 1
    for key, does in (*presenter.STAGE_KEYS, *presenter.PICTURE_KEYS):
        assert json.dumps([key, does]) in script
