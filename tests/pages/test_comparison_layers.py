"""The comparison page's view of what pooling and padding are worth, through the router."""

from __future__ import annotations

from typing import Any

import pytest

from lesson import worth
from lesson.ui import resources


def test_the_table_holds_what_was_measured_with_every_seed(open_page: Any) -> None:
    app = open_page("comparison", comparison_view="Layers")
    assert not app.exception
    rows = worth.tried(resources.store())
    assert [row.name for row in rows] == list(worth.VARIANTS)
    assert all(len(row.accuracies) == len(row.moved) == 5 for row in rows)
    table = app.dataframe[0].value
    assert list(table["CNN 1 with"]) == list(worth.VARIANTS)
    assert list(table["Parameters"]) == [run.network.parameters for run in worth.VARIANTS.values()]
    assert list(table["Accuracy, %"]) == [worth.between(row.accuracies) for row in rows]
    shown = "\n".join(part.value for part in app.markdown)
    for values in ("accuracies", "moved"):
        for row in rows:
            for value in getattr(row, values):
                assert f"{row.name}, one seed: {value:.4f}" in shown
    assert worth.verdict(rows) in shown


def test_without_the_runs_the_page_says_how_to_get_them(
    open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worth, "tried", lambda store: [])
    app = open_page("comparison", comparison_view="Layers")
    assert not app.exception
    assert any("python -m lesson.shipped --missing" in part.value for part in app.info)
