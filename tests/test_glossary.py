"""The lesson's words, and the marks that show what they mean."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesson import glossary, layers
from lesson.glossary import A_PAGE, BY_NAME, TERMS, marked, plain
from lesson.ui.navigation import PAGES

# What a text may be made of: words that are marked, and all that is no prose.
PIECES = st.sampled_from(
    [
        *("padding", "Max pooling", "weights", "kernel_size", "one-hot", " ", " and ", ". ", "*"),
        *(
            "`",
            "```\n",
            "~~~",
            "$",
            "$$",
            "<b>",
            "</b>",
            "<svg>",
            "</svg>",
            "<",
            ">",
            "<!--",
            "-->",
        ),
        *("[", "](", ")", "|", "\n", "\n\n", "# ", "    ", "---", "\\", "&amp;", ":red[", "\udc80"),
        *("**filter**", "[loss](x)", '<a href="x">batch</a>', "https://x.y/epoch", "<dfn>"),
    ]
)
JUNK = st.lists(PIECES | st.text(max_size=5), max_size=25).map("".join)


def test_names_forms_and_addresses_are_unique_and_lead_to_a_page() -> None:
    assert len({term.slug for term in TERMS}) == len(TERMS)
    forms = [form for term in TERMS for form in term.forms]
    assert len(set(forms)) == len(forms)
    assert {term.page for term in TERMS} <= {page.slug for page in PAGES}
    assert [term.name for term in TERMS] == sorted(BY_NAME, key=str.casefold)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.slug)
def test_a_meaning_is_plain_text_of_a_sentence_or_two(term: glossary.Term) -> None:
    # Nothing that Markdown, Streamlit or HTML would read as anything else.
    assert not re.search(r"[*_`$<>\[\]|\\&\n#~]|:\S", term.says)
    assert re.fullmatch(r"[A-Z].+\.", term.says)
    assert len(term.says) <= 200


def test_what_keras_calls_a_layer_is_one_of_keras_layers() -> None:
    named = {word for term in TERMS for word in re.findall(r"\b[A-Z]\w+", term.keras)}
    assert {"Conv2D", "Dense"} <= named <= {name for name in dir(layers) if name[0].isupper()}


def test_only_the_first_occurrence_is_marked() -> None:
    text = "A filter has weights. Another filter has other weights."
    found = marked(text).text
    assert found.count("<dfn") == 2
    assert found.index(">filter<") < found.index(">weights<") < found.index("Another filter has")


def test_a_mark_names_its_meaning_for_a_screen_reader() -> None:
    found = marked("Padding helps.").text
    (described,) = re.findall(r'aria-describedby="(.+?)"', found)
    assert f'<span role="tooltip" id="{described}">{BY_NAME["padding"].says}</span>' in found
    assert 'tabindex="0"' in found


def test_the_longer_term_is_marked_and_not_its_part() -> None:
    assert marked("max pooling").terms == {"max-pooling"}
    assert marked("batch size").terms == {"batch-size"}


@pytest.mark.parametrize(
    "text",
    [
        *("`padding`", "``a ` padding``", "```\npadding\n```", "~~~\npadding", "    padding"),
        *("$padding$", "$$\npadding\n$$", "[padding](x)", "![padding](x)", "https://x/padding"),
        *("# padding", "padding\n---", "| padding | kernel |", "[padding]: x"),
        *('<b class="padding">', "<svg><text>padding</text></svg>", "<!-- padding -->"),
        *("<summary>padding</summary>", "<a href='x'>padding</a>", "padding=1", "padding_padding"),
    ],
)
def test_what_is_no_prose_stays_as_it_is(text: str) -> None:
    assert marked(text) == (text, frozenset())
    # And what follows is prose again, if the text has an end.
    if not text.startswith(("~~~\n", "<b")):
        assert marked(f"{text}\n\nkernel").terms == {"kernel"}


def test_terms_that_were_seen_and_those_beyond_the_limit_go_without() -> None:
    assert marked("padding and strides", {"padding"}).terms == {"strides"}
    every = " ".join(f"{form}." for term in TERMS for form in term.forms[:1])
    assert len(marked(every, most=A_PAGE).terms) == A_PAGE
    assert marked("padding", most=0).text == "padding"


@given(JUNK, st.integers(0, 9))
def test_marking_adds_marks_and_nothing_else(text: str, most: int) -> None:
    found = marked(text, most=most)
    assert plain(found.text) == text
    assert found.text.count('<dfn class="lesson-term"') == len(found.terms) <= most
    assert marked(found.text, most=most) == found


def test_everyday_words_are_explained_in_the_list_alone() -> None:
    text = "The same valid class is run, has the shape of a beat, and is unlabelled."
    assert marked(text).text == text


def test_search_finds_by_name_by_keras_name_and_by_meaning() -> None:
    assert glossary.search("  STRIDE")[0].name == "strides"
    assert "cross-entropy" in [term.name for term in glossary.search("categorical_crossentropy")]
    assert "unit" in [term.name for term in glossary.search("neuron")]
    assert glossary.search("") == list(TERMS)
    assert glossary.search("no such word at all") == []
