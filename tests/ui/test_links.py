"""Links on the pages: what they hide and fix, how long they hold, and how one is made."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from lesson.links import Made, choices, family
from lesson.ui.navigation import page
from tests.conftest import OpenPage, picture, pictures

# A page and some settings other than its own; of two pages a second view too.
SETTINGS = {
    "overview": ("overview", {}),
    "data-preparation": ("data-preparation", {"digit": "3", "data_scaled": "true"}),
    "feedforward": ("feedforward", {"feedforward_hidden_layers": "3", "feedforward_row": "5"}),
    "convolution": ("convolution", {"convolution_kernel": "Custom", "convolution_bias": "1.5"}),
    "padding": ("padding", {"padding_strides": "2", "padding_padding": "same", "digit": "7"}),
    "pooling": ("pooling", {"pooling_pool_size": "3", "pooling_kind": "max"}),
    "a network": ("inside-a-cnn", {"digit": "4"}),
    "one unit": ("inside-a-cnn", {"cnn_unit": "2", "digit": "4"}),
    "building": ("inside-a-cnn", {"cnn_view": "Build and train", "cnn_blocks": "1"}),
    "mistakes": ("comparison", {"comparison_view": "Mistakes"}),
    "one digit": ("comparison", {"comparison_view": "One digit", "comparison_right": "3"}),
    "beyond-images": ("beyond-images", {"beyond_kernel": "My own", "beyond_position": "3"}),
}


def made(app: AppTest) -> dict[str, Made]:
    """The controls that the page made, but the switch that is not the page's."""
    controls = dict(app.session_state["_links"].made)
    return {key: each for key, each in controls.items() if key != "present"}


def drawn(app: AppTest) -> dict[str, bool]:
    """The widgets on the page by their keys, and whether each can be moved."""
    kinds = ("select_slider", "selectbox", "number_input", "toggle", "multiselect", "button_group")
    widgets = [widget for kind in kinds for widget in app.get(kind)]
    return {str(widget.key): not widget.proto.disabled for widget in widgets}


def seen(app: AppTest) -> tuple[object, ...]:
    """All that a page shows beside its controls and what is said of a link."""
    texts = [text.value for text in app.main.markdown if not text.value.startswith("This link ")]
    shown = [
        (drawn.key, drawn.header, [a.tobytes() for a in drawn.arrays]) for drawn in pictures(app)
    ]
    return texts, shown, [code.value for code in app.main.code]


def said(app: AppTest) -> list[str]:
    return [text.value for text in app.main.markdown if text.value.startswith("This link ")]


def follow(app: AppTest, **query: str) -> AppTest:
    """Open another address of the page in the same session."""
    for key in ("hide", "lock"):
        app.query_params.pop(key, None)
    app.query_params.update(query)
    return app.run()


def go(app: AppTest, slug: str) -> AppTest:
    """Go to another page, whose address begins without a value, as the browser does."""
    app.query_params.clear()
    return app.switch_page(page(slug).file).run()


@pytest.mark.parametrize("name", SETTINGS)
def test_a_page_shows_the_same_with_any_control_hidden_or_fixed_and_with_all(
    name: str, open_page: OpenPage
) -> None:
    slug, settings = SETTINGS[name]
    free = open_page(slug, **settings)
    before, controls, widgets = seen(free), made(free), drawn(free)
    keys = ",".join(controls)

    hidden = open_page(slug, **settings, hide=keys)
    assert seen(hidden) == before
    assert made(hidden) == controls
    assert not set(drawn(hidden)) & set(controls)
    assert bool(said(hidden)) == bool(controls)

    locked = open_page(slug, **settings, lock=keys)
    assert seen(locked) == before
    assert made(locked) == controls
    assert [key for key in controls if drawn(locked).get(key)] == []
    assert set(controls) & set(drawn(locked)) == set(controls) & set(widgets)

    for name in choices(controls):
        one = follow(locked, hide=name)
        assert seen(one) == before, name
        assert made(one) == controls, name
        assert not {key for key in drawn(one) if name in (key, family(key))}
        (told,) = said(one)
        assert told.startswith("This link hides ")


@pytest.mark.parametrize("slug", ["overview", "convolution", "comparison"])
def test_nonsense_in_a_link_leaves_a_page_as_it_is(slug: str, open_page: OpenPage) -> None:
    plain = open_page(slug)
    nonsense = (
        "<script>,none_of_ours,🙂,\0,Sidebar," + "x" * 5000 + "," + ",".join(map(str, range(999)))
    )
    odd = open_page(slug, hide=nonsense, lock=nonsense)
    assert seen(odd) == seen(plain)
    assert drawn(odd) == drawn(plain)
    assert said(odd) == []


def test_a_fixed_value_stays_within_the_pages_limits(open_page: OpenPage) -> None:
    app = open_page("padding", padding_strides="999", padding_size="-4", lock="padding_strides")
    assert app.select_slider(key="padding_strides").value == 5
    assert app.select_slider(key="padding_size").value == 5
    app = open_page("padding", padding_strides="999", hide="padding_strides")
    assert made(app)["padding_strides"].texts == ["5"]
    assert app.query_params["padding_strides"] == "5"


def test_parts_of_a_page_can_be_hidden(open_page: OpenPage) -> None:
    plain = open_page("padding")
    assert plain.main.code
    assert "padding_question" in drawn(plain)
    app = open_page("padding", hide="code,questions,sidebar")
    assert not app.main.code
    assert "padding_question" not in drawn(app)
    assert any("stSidebar'], [" in part.proto.body for part in app.get("html"))
    assert said(app) == ["This link hides the sidebar, the Keras lines and the questions."]


def test_a_link_holds_on_the_way_over_other_pages_and_stands_in_their_addresses(
    open_page: OpenPage,
) -> None:
    app = open_page("padding", hide="padding_strides", lock="digit,pooling_kind")
    go(app, "pooling")
    assert not drawn(app)["pooling_kind"]
    assert said(app) == ["This link fixes Test digit and Shown."]
    assert app.query_params["hide"] == "padding_strides"
    assert app.query_params["lock"] == "digit,pooling_kind"
    go(app, "glossary")
    assert said(app) == []
    go(app, "padding")
    assert "padding_strides" not in drawn(app)
    assert drawn(app)["padding_kernel_size"]


def test_all_controls_can_be_had_back_and_the_address_loses_the_link(open_page: OpenPage) -> None:
    app = open_page("padding", hide="padding_strides,code", lock="digit", padding_strides="3")
    app.button(key="link_show_all").click().run()
    assert drawn(app)["padding_strides"]
    assert drawn(app)["digit"]
    assert app.select_slider(key="padding_strides").value == 3
    assert app.main.code
    assert said(app) == []
    assert app.query_params == {"padding_strides": "3"}
    # As the browser's back button gives it: what was put away does not come again.
    follow(app, hide="padding_strides,code", lock="digit")
    assert drawn(app)["padding_strides"]
    assert app.query_params == {"padding_strides": "3"}


def test_another_link_replaces_the_one_before(open_page: OpenPage) -> None:
    app = open_page("padding", hide="padding_strides", lock="padding_padding")
    follow(app, hide="padding_size")
    assert drawn(app)["padding_strides"]
    assert drawn(app)["padding_padding"]
    assert "padding_size" not in drawn(app)


def test_a_fixed_digit_has_no_next(open_page: OpenPage) -> None:
    keys = {"digit_next", "digit_random"}
    free = open_page("inside-a-cnn")
    assert keys <= {button.key for button in free.button}
    for query in ({"lock": "digit"}, {"hide": "digit"}):
        app = open_page("inside-a-cnn", digit="5", **query)
        assert not keys & {button.key for button in app.button}
        assert "digit_label" not in drawn(app)
        assert made(app)["digit"].texts == ["5"]


def test_a_fixed_kernel_cannot_be_edited_but_a_preset_may_set_what_is_fixed(
    open_page: OpenPage,
) -> None:
    app = open_page("convolution", lock="convolution_kernel")
    app.button(key="convolution_edit").click().run()
    assert app.selectbox(key="convolution_kernel").value == "vertical-edges"
    assert [toast.value for toast in app.toast] == ["This link fixes Kernel."]

    app = open_page("feedforward", lock="feedforward_units")
    app.selectbox(key="feedforward_experiment").set_value("Underfit: 4 units").run()
    assert app.select_slider(key="feedforward_units_1").value == 4
    assert app.select_slider(key="feedforward_units_1").disabled


# How one is made


def tick(app: AppTest, **ticks: list[str]) -> dict[str, list[str]]:
    """Tick in the dialog; the link's query."""
    app.button(key="link_tool").click().run()
    slug = app.session_state["_links"].slug
    for name, chosen in ticks.items():
        app.button_group(key=f"link_{name}_{slug}").set_value(chosen)
    # AppTest runs the page instead of the dialog alone, so that it has to be opened again.
    app.button(key="link_tool").click().run()
    assert not app.exception
    (link,) = (code.value for code in app.code if "\n" not in code.value and "?" in code.value)
    query: dict[str, list[str]] = {}
    for key, text in parse_qsl(urlsplit(link).query, keep_blank_values=True):
        query.setdefault(key, []).append(text)
    return query


@pytest.mark.parametrize("name", SETTINGS)
def test_a_link_made_by_ticking_opens_with_the_same_settings(
    name: str, open_page: OpenPage
) -> None:
    slug, settings = SETTINGS[name]
    app = open_page(slug, **settings)
    controls = {key: each for key, each in made(app).items() if not key.endswith("_question")}
    if not controls:
        return
    first, last = next(iter(controls)), list(controls)[-1]
    query = tick(app, fixed=[first], hidden=["code"])
    assert query["lock"] == [first]
    assert query["hide"] == ["code"]
    assert {key: query[key] for key in controls} == {
        key: list(each.texts) for key, each in controls.items()
    }
    other = AppTest.from_file(str(app._script_path), default_timeout=120).run()
    other.switch_page(page(slug).file)
    other.query_params.update(query)
    other.run()
    assert not other.exception
    opened = made(other)
    assert {key: opened[key].texts for key in controls} == {
        key: each.texts for key, each in controls.items()
    }
    assert not drawn(other).get(first, False)
    assert seen(other)[1] == seen(app)[1]
    assert last in opened


def test_a_list_of_controls_is_one_tick(open_page: OpenPage) -> None:
    app = open_page("feedforward")
    query = tick(app, hidden=["feedforward_units"])
    assert query["hide"] == ["feedforward_units"]
    other = open_page("feedforward", hide="feedforward_units", feedforward_hidden_layers="4")
    assert not [key for key in drawn(other) if key.startswith("feedforward_units")]
    assert said(other) == ["This link hides 4 controls."]


def test_presenter_mode_and_the_open_question_go_along_if_they_are_ticked(
    open_page: OpenPage,
) -> None:
    app = open_page("padding", padding_question="2")
    plain = tick(app)
    assert not {"present", "padding_question"} & set(plain)
    query = tick(app, along=["present", "padding_question"])
    assert query["present"] == ["true"]
    assert query["padding_question"] == ["2"]


def test_ticks_begin_with_the_link_in_hand(open_page: OpenPage) -> None:
    app = open_page("padding", hide="padding_strides,code", lock="digit")
    query = tick(app)
    assert query["hide"] == ["padding_strides,code"]
    assert query["lock"] == ["digit"]


def test_the_picture_of_a_fixed_page_follows_a_free_control(open_page: OpenPage) -> None:
    app = open_page("padding", lock="padding_padding", hide="padding_dilation_rate")
    before = picture(app, "padding_coverage").arrays[0].tobytes()
    app.select_slider(key="padding_strides").set_value(3).run()
    assert picture(app, "padding_coverage").arrays[0].tobytes() != before
