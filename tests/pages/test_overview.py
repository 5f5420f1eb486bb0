"""The overview: light, true to the shipped runs, and a way to every objective."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lesson import diagrams, glossary, outcome
from lesson.runs import RunStore
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import resources
from lesson.ui.navigation import page

OpenPage = Callable[..., AppTest]

ALONE = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("streamlit_app.py", default_timeout=120).run()
assert not app.exception and "<h1>Overview</h1>" in app.main.markdown[0].value
from lesson import mnist
heavy = {"tensorflow", "keras", "distributed", "dask", "lesson.figures", "lesson.training"}
print(sorted(heavy & set(sys.modules)), mnist.load.cache_info().currsize)
"""


def texts(app: AppTest) -> list[str]:
    return [glossary.plain(element.value) for element in app.markdown]


def test_the_picture_shows_the_shipped_runs_and_the_sentence_reads_them(
    open_page: OpenPage,
) -> None:
    app = open_page("overview")
    assert not app.exception
    rows = outcome.results(resources.store())
    assert len(rows) == 3
    values = [(row.name, row.accuracy, row.parameters, row.moved) for row in rows]
    assert diagrams.results(values, outcome.MOVED) in texts(app)
    assert f"**{outcome.verdict(rows)}**\n\n{outcome.reading(rows)}" in texts(app)
    assert not app.info


def test_the_last_column_shows_what_the_answer_to_a_question_changes(open_page: OpenPage) -> None:
    app = open_page("overview")
    app.session_state["overview_change"] = ("contrast", 0.1)
    app.run()
    assert not app.exception
    picture = next(text for text in texts(app) if "<svg" in text)
    assert "right with 10% of the ink" in picture
    for spec in NOTEBOOK_RUNS.values():
        share = resources.store().robustness(spec.digest)["contrast"][0]
        assert f">{share:.0%}<" in picture
    # What the text tells of is still the result.
    assert any(outcome.reading(outcome.results(resources.store())) in text for text in texts(app))


def test_each_objective_is_followed_by_its_pages(open_page: OpenPage) -> None:
    app = open_page("overview")
    objectives = next(text for text in texts(app) if text.startswith("- **")).splitlines()
    for line, objective in zip(objectives, outcome.OBJECTIVES, strict=True):
        assert f"**{objective.goal}**" in line
        assert [page(slug).title for slug in objective.pages] == line.split("*")[-2].split(", ")


def test_the_three_ways_to_start_are_links(open_page: OpenPage) -> None:
    app = open_page("overview")
    targets = [link.proto.page for link in app.get("page_link")]
    assert targets[:3] == ["data-preparation", "convolution", "comparison"]


@pytest.mark.parametrize("kept", [0, 1])
def test_missing_runs_are_named_and_the_rest_of_the_page_stands(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: int
) -> None:
    rows = outcome.results(resources.store())[:kept]
    monkeypatch.setattr(outcome, "results", lambda store, change=None: rows)
    monkeypatch.setattr(resources, "store", lambda: RunStore(tmp_path, shipped=None))
    app = open_page("overview")
    assert not app.exception
    assert any("<svg" in text for text in texts(app)) == bool(kept)
    named = app.info[0].value
    assert ("Feedforward" in named) == (kept == 0)
    assert "CNN 1, CNN 2" in named
    assert any(m.value == "## What you will be able to do" for m in app.markdown)


def test_alone_it_loads_neither_digits_nor_heavy_modules() -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", ALONE], cwd=root, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[-2] == "[] 0"
