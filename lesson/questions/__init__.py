"""Predict, commit, reveal, explain: the bank of questions, a module for each page of the lesson.

What is asked is made from the settings of the page; right and wrong answers are computed by the
functions that draw the page.
"""

from __future__ import annotations

import importlib
from functools import cache

from lesson.questions.question import Question

# The pages that ask, by their addresses, and the module that holds a page's questions.
MODULES = {
    "overview": "overview",
    "data-preparation": "data_preparation",
    "feedforward": "feedforward",
    "convolution": "convolution",
    "padding": "padding",
    "pooling": "pooling",
    "inside-a-cnn": "inside_a_cnn",
    "comparison": "comparison",
    "beyond-images": "beyond_images",
}


@cache
def of_page(slug: str) -> tuple[Question, ...]:
    """The questions of a page, in their order; none for a page that does not ask.

    Only that page's module is loaded.
    """
    if slug not in MODULES:
        return ()
    module = importlib.import_module(f"lesson.questions.{MODULES[slug]}")
    return tuple(module.QUESTIONS)


@cache
def bank() -> dict[str, Question]:
    """Every question by its key, page by page."""
    return {question.key: question for slug in MODULES for question in of_page(slug)}
