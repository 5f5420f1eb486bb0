"""The class's notebook and its solution are one lesson: what is blank here is written there.

That the solution runs, and to which numbers it comes, is tested with what else is run as a
notebook, in ``test_takeaway``.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest

from lesson import classbook, outcome
from lesson.classbook.parts import BLANK, ROOM, Facts
from lesson.runs import RunStore
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD


@pytest.fixture(scope="module")
def blank() -> nbformat.NotebookNode:
    return nbformat.reads(classbook.blanks().decode(), 4)


@pytest.fixture(scope="module")
def solved() -> nbformat.NotebookNode:
    return nbformat.reads(classbook.solution().decode(), 4)


def code(book: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


def prose(book: nbformat.NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")


def test_both_are_valid_and_always_the_same(blank: nbformat.NotebookNode) -> None:
    nbformat.validate(blank)
    assert classbook.blanks() == classbook.blanks()
    assert classbook.solution() == classbook.solution()
    nbformat.validate(nbformat.reads(classbook.solution().decode(), 4))


def test_every_cell_with_blanks_is_python_and_says_what_to_write(
    blank: nbformat.NotebookNode, solved: nbformat.NotebookNode
) -> None:
    for empty, full in zip(code(blank), code(solved), strict=True):
        ast.parse(empty)
        ast.parse(full)
        assert BLANK not in full
        commented = False
        for line in empty.splitlines():
            commented = line.lstrip().startswith("#") or (commented and bool(line.strip()))
            assert BLANK not in line or commented, line
    assert sum(cell.count(BLANK) for cell in code(blank)) >= 40


def test_apart_from_blanks_and_answers_they_are_the_same(
    blank: nbformat.NotebookNode, solved: nbformat.NotebookNode
) -> None:
    assert [cell.cell_type for cell in blank.cells] == [cell.cell_type for cell in solved.cells]
    for empty, full in zip(blank.cells, solved.cells, strict=True):
        if empty.source == ROOM:
            assert len(full.source) > 20
            continue
        pieces = (re.escape(piece) for piece in empty.source.split(BLANK))
        pattern = "(?s:.+?)".join(pieces) if empty.cell_type == "code" else re.escape(empty.source)
        assert re.fullmatch(pattern, full.source)


def test_how_long_it_trains_and_on_how_much_stands_in_the_first_cell(
    solved: nbformat.NotebookNode,
) -> None:
    first, *others = code(solved)
    assert first.startswith("EPOCHS = 5")
    assert "DIGITS = 60_000" in first
    assert not any(re.search(r"^(EPOCHS|DIGITS) =", cell, re.MULTILINE) for cell in others)


def test_it_names_the_objectives_and_asks_what_the_lesson_asks(
    blank: nbformat.NotebookNode,
) -> None:
    said = prose(blank)
    for objective in outcome.OBJECTIVES:
        assert objective.goal in said
    assert said.count("**Question.**") == said.count(ROOM) >= 20


def test_the_answers_hold_the_numbers_of_the_networks_and_of_the_runs(
    blank: nbformat.NotebookNode, solved: nbformat.NotebookNode
) -> None:
    said = prose(solved)
    for network in (FEEDFORWARD, CNN_1, CNN_2):
        assert f"**{network.parameters:,}**" in said
    found = classbook.facts(RunStore())
    assert len(found.summaries) == 3
    for each in found.summaries.values():
        assert f"{each.test_accuracy:.4f}" in said
    assert found.reading in said
    assert f"{found.edged:,} of the 10,000" in said
    # The class is to find them.
    for each in (f"{FEEDFORWARD.parameters:,}", f"{CNN_1.parameters:,}", found.reading):
        assert each not in prose(blank)


def test_without_finished_runs_it_is_whole_and_claims_nothing_about_them(tmp_path: Path) -> None:
    store = RunStore(tmp_path, shipped=None)
    assert not classbook.facts(store).summaries
    said = prose(nbformat.reads(classbook.solution(store).decode(), 4))
    assert "came to" not in said
    assert "See the table above." in said
    assert list(classbook.lesson(Facts()))
