"""The digit in hand: how it is chosen, and that it stays what was chosen."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from lesson import drawing, mnist, network
from lesson.errors import LessonError
from lesson.runs import RunStore
from lesson.specs import NOTEBOOK_RUNS
from lesson.ui import digits, own
from lesson.ui.explorer import decode
from lesson.ui.explorer.pad import encode, read

OpenPage = Callable[..., AppTest]


def page() -> None:
    import numpy as np
    import streamlit as st

    from lesson import mnist
    from lesson.ui import digits, own

    digit = digits.choose()
    shared = np.shares_memory(digit.image, mnist.load().x_test)
    ink = int(digit.image.sum())
    picture = own.picture()
    st.json(
        {
            "index": digit.index,
            "label": digit.label,
            "ink": ink,
            "shared": shared,
            "title": digit.title,
            "steps": [step.title for step in digit.steps],
            "picture": None if picture is None else picture.shape,
        }
    )


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
    return app.sidebar.get("button_group")[1]


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


# ---- one's own

ONE = [[140, 40, 140, 240]]


@pytest.fixture
def state() -> dict[str, Any]:
    """What a session holds, for calling what the browser's news calls."""
    return {}


@contextmanager
def held(state: dict[str, Any]) -> Iterator[None]:
    """While the browser's news is taken; the pages have a session of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "session_state", state)
        yield


def draw(state: dict[str, Any], strokes: Any, serial: Any = 1) -> None:
    state[own.PAD] = SimpleNamespace(drawn={"serial": serial, "strokes": strokes})
    with held(state):
        own._take_drawing()


def upload(state: dict[str, Any], content: bytes | None) -> None:
    state[own.FILE] = None if content is None else io.BytesIO(content)
    with held(state):
        own._take_file()


def png(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG")
    return file.getvalue()


def opened(source: str, state: dict[str, Any] | None = None) -> AppTest:
    app = AppTest.from_function(page, default_timeout=20)
    app.query_params["digit_source"] = source
    for key, value in (state or {}).items():
        if key not in (own.PAD, own.FILE):
            app.session_state[key] = value
    return app.run()


def data(app: AppTest) -> dict[str, Any]:
    assert not app.exception
    return json.loads(app.json[0].value)


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.sidebar.markdown, *app.sidebar.caption))


@pytest.mark.parametrize("source", ["Draw", "Upload"])
def test_as_long_as_there_is_nothing_of_ones_own_a_test_digit_is_shown(source: str) -> None:
    app = opened(source)
    assert shown(app) == 0
    assert "Until then the pages show a test digit" in text(app)
    assert dict(app.query_params) == {"digit_source": source}


def test_a_drawing_is_the_digit_and_the_networks_say_what_they_make_of_it(
    state: dict[str, Any],
) -> None:
    draw(state, ONE)
    app = opened("Draw", state)
    image = drawing.prepare(drawing.draw((((140, 40), (140, 240)),))).image
    told = data(app)
    assert told["ink"] == image.sum()
    assert (told["index"], told["label"], told["title"]) == (None, None, "Your drawing")
    assert [title[:2] for title in told["steps"]] == ["1.", "2.", "3.", "4."]
    for name, spec in NOTEBOOK_RUNS.items():
        run = RunStore().find(spec)
        assert run is not None
        assert run.weights is not None
        chances = network.predict(spec.network, run.weights, mnist.prepare(image[None]))[0]
        assert f"**{chances.argmax()}** {name}, " in text(app)


def test_the_pad_gets_its_drawing_back(state: dict[str, Any]) -> None:
    draw(state, ONE, serial=5)
    app = opened("Draw", state)
    header, _ = decode(app.sidebar.get("bidi_component")[0].proto.bytes)
    assert (header["kind"], header["serial"], header["strokes"]) == ("pad", 5, ONE)


def test_the_reader_may_say_which_digit_was_meant(state: dict[str, Any]) -> None:
    draw(state, ONE)
    app = opened("Draw", state)
    app.sidebar.get("button_group")[1].set_value(1).run()
    assert data(app)["label"] == 1


def test_what_was_meant_goes_with_the_drawing(state: dict[str, Any]) -> None:
    draw(state, ONE)
    with held(state):
        said = own.meant_key(own.DRAWN)
    state[said] = 1
    draw(state, [*ONE, [100, 100, 150, 150]], serial=2)
    with held(state):
        assert own.label(own.DRAWN) == 1
    draw(state, [], serial=3)
    assert own.DRAWN not in state
    # The browser goes on to say what it said of the drawing that is gone.
    state[said] = 1
    with held(state):
        assert own.label(own.DRAWN) is None
    app = opened("Draw", state)
    assert shown(app) == 0
    header, _ = decode(app.sidebar.get("bidi_component")[0].proto.bytes)
    assert (header["serial"], header["strokes"]) == (3, [])


@pytest.mark.parametrize("sent", [None, {}, {"serial": 1}, {"serial": True, "strokes": []}])
def test_what_no_pad_sends_leaves_the_drawing_and_says_so(state: dict[str, Any], sent: Any) -> None:
    draw(state, ONE)
    state[own.PAD] = SimpleNamespace(drawn=sent)
    with held(state):
        own._take_drawing()
    app = opened("Draw", state)
    assert data(app)["title"] == "Your drawing"
    assert "again" in app.sidebar.error[0].value


@pytest.mark.parametrize("serial", [-1, 2**31, 1.5, "1", None, True])
def test_a_pad_counts_in_whole_numbers(serial: Any) -> None:
    with pytest.raises(LessonError, match="counts its changes"):
        read({"serial": serial, "strokes": []})


def test_a_pad_travels_with_its_bounds() -> None:
    header, arrays = decode(encode((), 0, "a pad"))
    assert arrays == []
    assert header["grid"] == drawing.GRID
    assert header["most_points"] == drawing.MAX_POINTS


def test_an_uploaded_picture_is_the_digit_and_stays_a_picture_too(state: dict[str, Any]) -> None:
    digit = mnist.load().x_test[0]
    upload(state, png(np.kron(255 - digit, np.ones((8, 8), dtype=np.uint8))))
    app = opened("Upload", state)
    told = data(app)
    assert (told["title"], told["picture"]) == ("Your picture", [64, 64])
    assert told["ink"] == pytest.approx(digit.sum(), rel=0.01)
    assert text(app).count("**7**") == 3
    # The page that was given the file is another one: this one can only put it away.
    app.sidebar.button(key=own.PUT_AWAY).click().run()
    assert shown(app) == 0
    assert data(app)["picture"] is None


def test_a_file_comes_through_the_field() -> None:
    app = opened("Upload")
    content = png(255 - mnist.load().x_test[0])
    app.sidebar.file_uploader(key=own.FILE).set_value(("seven.png", content, "image/png")).run()
    assert data(app)["title"] == "Your picture"
    app.sidebar.file_uploader(key=own.FILE).set_value(("no.png", b"PK\x03\x04", "image/png")).run()
    assert "none of them" in app.sidebar.error[0].value
    assert shown(app) == 0
    # What is wrong with a file is no problem of the pad's.
    app.sidebar.get("button_group")[0].set_value("Draw").run()
    assert not app.sidebar.error
    app.sidebar.get("button_group")[0].set_value("Upload").run()
    app.sidebar.file_uploader(key=own.FILE).set_value(("no.png", b"PK\x03\x04", "image/png")).run()
    assert "none of them" in app.sidebar.error[0].value
    app.sidebar.file_uploader(key=own.FILE).set_value(None).run()
    assert not app.sidebar.error
    assert shown(app) == 0


def test_the_sources_keep_what_they_have(state: dict[str, Any]) -> None:
    draw(state, ONE)
    upload(state, png(255 - mnist.load().x_test[0]))
    app = opened("Test set", state)
    assert shown(app) == 0
    for source, title in (("Draw", "Your drawing"), ("Upload", "Your picture")):
        app.sidebar.get("button_group")[0].set_value(source).run()
        assert data(app)["title"] == title


@pytest.mark.parametrize("nonsense", ["", "draw me", "🙂", "1", "[]"])
def test_an_unknown_source_is_the_test_set(nonsense: str) -> None:
    assert shown(opened(nonsense)) == 0


def test_a_missing_network_says_nothing(
    state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own.resources, "find", lambda spec: None)
    draw(state, ONE)
    assert state[own.DRAWN].answers == ()
    app = opened("Draw", state)
    assert data(app)["title"] == "Your drawing"
    assert "how sure" not in text(app)


@pytest.mark.parametrize(("sent", "index"), [(10**9, 9999), (-1, 0)])
def test_a_number_that_no_field_gives_is_the_nearest_digit_where_a_part_runs_alone(
    sent: int, index: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "session_state", {"digit": sent})
    assert digits.in_hand().index == index
