"""How questions are asked in their tests, and how a page is opened as their reveal sets it."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from lesson.questions import bank
from lesson.questions.kinds import Asked, Settings
from tests.conftest import OpenPage

# Each example is a question with other settings or other numbers.
few = settings(
    max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def asked(key: str) -> st.SearchStrategy[Any]:
    """A question with any settings that its page may have, and any seed."""
    question = bank()[key]
    reads = {name: st.sampled_from(list(read.allowed)) for name, read in question.reads.items()}
    return st.builds(question.ask, st.fixed_dictionaries(reads), st.integers(0, 9_999))


def address(*given: Settings) -> dict[str, str]:
    """Settings as they stand in a page's address; later ones win."""
    merged = {key: value for each in given for key, value in each.items()}
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in merged.items()
    }


def code_in(prompt: str) -> str:
    """The Keras line of a prompt: what stands in its first backticks."""
    return prompt.split("`")[1]


def says(asked: Asked) -> dict[Any, str]:
    """What is said to each known wrong answer, by the answer's value or label."""
    if hasattr(asked, "options"):
        return {option.label: option.says for option in asked.options if not option.right}
    return {mistake.value: mistake.says for mistake in asked.mistakes}  # type: ignore[attr-defined]


def revealed(open_page: OpenPage, key: str, seed: int) -> AppTest:
    """A question's page with the settings that it reveals, which the controls take as they are."""
    question = bank()[key]
    app = open_page(question.page)
    form = question.ask({}, seed)
    for control, value in form.settings.items():
        app.session_state[control] = value
    app.run()
    assert not app.exception
    for control, value in form.settings.items():
        assert app.session_state[control] == value, control
    return app
