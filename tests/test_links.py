"""Links, from their texts alone: what an address may ask for, and what is said of it."""

from __future__ import annotations

import string
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lesson import links
from lesson.links import MOST, PARTS, Link, Made

NAMES = some.text("az_09", max_size=39).map("k".__add__)
TEXTS = some.lists(some.one_of(some.text(), NAMES, some.lists(NAMES).map(",".join)), max_size=4)
LINKS = some.builds(links.link, some.lists(NAMES), some.lists(NAMES))


def again(found: Link) -> Link:
    """The link that its own texts in an address ask for."""
    texts = found.texts()
    return links.read([texts.get("hide", "")], [texts.get("lock", "")])


@given(TEXTS, TEXTS)
def test_any_address_gives_names_that_a_control_could_have_and_is_read_back(
    hide: list[str], lock: list[str]
) -> None:
    found = links.read(hide, lock)
    allowed = set(string.ascii_lowercase + string.digits + "_")
    for name in (*found.hide, *found.lock):
        assert 0 < len(name) <= 40
        assert set(name) <= allowed
        assert any(name in text for text in (*hide, *lock))
    assert again(found) == found
    assert not set(found.hide) & set(found.lock)
    assert not set(found.lock) & set(PARTS)


@given(LINKS)
def test_a_link_that_is_written_is_read_as_the_same_link(found: Link) -> None:
    assert again(found) == found


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "Padding_strides",
        "pädding_strides",
        "padding-strides",
        "padding_strides;digit",
        "_links",
        "９",
        "a" * 41,
        "\0",
        "🙂",
        " ",
        ",,,",
    ],
)
def test_what_cannot_be_a_name_is_dropped(text: str) -> None:
    assert not links.read([text], [text])


def test_a_huge_address_keeps_no_more_than_a_hundred_names_of_each_kind() -> None:
    many = ",".join(f"name_{number}_x" for number in range(20_000))
    found = links.read([many, "digit"], [many.replace("name", "lock")])
    assert found.hide == tuple(f"name_{number}_x" for number in range(MOST))
    assert len(found.lock) == MOST
    assert again(found) == found


def test_a_name_stands_for_one_control_or_for_all_of_a_list() -> None:
    found = links.link(["cnn_units"], ["cnn_filters_2"])
    assert found.hides("cnn_units_1")
    assert found.hides("cnn_units_12")
    assert not found.hides("cnn_unit")
    assert found.locks("cnn_filters_2")
    assert not found.locks("cnn_filters_1")


def test_what_is_hidden_is_not_called_fixed_as_well() -> None:
    found = links.link(["cnn_units"], ["cnn_units_1", "cnn_units"])
    assert not found.locks("cnn_units_1")
    assert found.hides("cnn_units_1")


MADE = {f"a_{letter}": Made(letter.upper(), ["1"]) for letter in "bcdefg"}


@pytest.mark.parametrize(
    ("hide", "lock", "said"),
    [
        ([], [], ""),
        (["nobody"], ["nobody"], ""),
        ([], ["a_b"], "This link fixes B."),
        ([], ["a_b", "a_c", "a_d"], "This link fixes B, C and D."),
        ([], list(MADE), "This link fixes 6 controls."),
        (["a_b"], [], "This link hides 1 control."),
        (["a_b", "a_c"], ["a_d"], "This link fixes D and hides 2 controls."),
        (["a_b"], ["a_c", "a_d"], "This link fixes C and D, and hides 1 control."),
        (["sidebar", "questions"], [], "This link hides the sidebar and the questions."),
    ],
)
def test_what_a_link_does_is_said_in_a_sentence(
    hide: list[str], lock: list[str], said: str
) -> None:
    assert links.says(links.link(hide, lock), MADE) == said


@given(LINKS, some.dictionaries(NAMES, some.lists(some.text(min_size=1), min_size=1, max_size=3)))
def test_the_address_of_a_link_holds_every_value_whatever_its_text(
    found: Link, values: dict[str, list[str]]
) -> None:
    values = {key: texts for key, texts in values.items() if key not in ("hide", "lock")}
    address = links.address("http://host:8501", found, values)
    query = parse_qs(urlsplit(address).query, errors="strict")
    assert links.read(query.pop("hide", []), query.pop("lock", [])) == found
    assert query == values
    assert urlsplit(address)[:3] == ("http", "host:8501", "/" if found or values else "")
