"""The digit in hand: how it is chosen, and that it stays what was chosen."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lesson import mnist

OpenPage = Callable[..., AppTest]


def page() -> None:
    import numpy as np
    import streamlit as st

    from lesson import mnist
    from lesson.ui import digits

    digit = digits.choose()
    shared = np.shares_memory(digit.image, mnist.load().x_test)
    ink = int(digit.image.sum())
    st.json({"index": digit.index, "label": digit.label, "ink": ink, "shared": shared})


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(page, default_timeout=20).run()


def shown(app: AppTest) -> int:
    """The digit that the page shows, once its label and picture are seen to belong to it."""
    assert not app.exception
    data = json.loads(app.json[0].value)
    index = data["index"]
    assert data["label"] == mnist.load().y_test[index]
    assert data["ink"] == mnist.load().x_test[index].sum()
    assert app.session_state["digit"] == index
    return index


def pills(app: AppTest):
    return app.sidebar.get("button_group")[0]


def test_the_first_digit_is_number_0_and_a_seven(app: AppTest) -> None:
    assert shown(app) == 0
    assert pills(app).value == 7


def test_a_digit_is_had_by_its_number(app: AppTest) -> None:
    app.sidebar.number_input(key="digit").set_value(9999).run()
    assert shown(app) == 9999
    assert pills(app).value == mnist.load().y_test[9999]


def test_a_label_takes_the_next_digit_with_it(app: AppTest) -> None:
    for label in range(9, -1, -1):
        before = shown(app)
        pills(app).set_value(label).run()
        index = shown(app)
        labels = mnist.load().y_test
        assert labels[index] == label
        assert index > before
        assert label not in labels[before + 1 : index]


def test_the_same_label_again_takes_another_digit_with_it(app: AppTest) -> None:
    pills(app).set_value(None).run()
    assert shown(app) == 17  # the second seven
    assert pills(app).value == 7


def test_behind_the_last_digit_the_search_goes_on_at_the_first(app: AppTest) -> None:
    app.sidebar.number_input(key="digit").set_value(9999).run()
    pills(app).set_value(7).run()
    assert shown(app) == 0


def test_a_random_digit_is_another_one_each_time(app: AppTest) -> None:
    seen = [shown(app)]
    for _ in range(5):
        app.sidebar.button(key="digit_random").click().run()
        seen.append(shown(app))
    assert all(before != after for before, after in itertools.pairwise(seen))
    assert len(set(seen)) > 2


@pytest.mark.parametrize(("asked", "given"), [("4321", 4321), ("10000", 9999), ("-3", 0), ("x", 0)])
def test_an_address_names_the_digit_and_is_put_right_where_it_cannot(
    asked: str, given: int
) -> None:
    app = AppTest.from_function(page, default_timeout=20)
    app.query_params["digit"] = asked
    assert shown(app.run()) == given


def test_the_picture_is_the_shared_one_and_not_a_copy(app: AppTest) -> None:
    assert shown(app) == 0
    assert json.loads(app.json[0].value)["shared"]


def test_a_damaged_file_is_the_readers_to_know(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = open_page("convolution")
    damaged = tmp_path / "mnist.npz"
    damaged.write_bytes(b"cut off")
    load = mnist.load
    monkeypatch.setattr(mnist, "load", lambda: load(damaged))
    app.run()
    assert not app.exception
    assert "cut off or altered" in app.error[0].value
