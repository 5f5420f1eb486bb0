"""Explanations and code in one list of cells, written out as a script or as a Jupyter notebook."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

WIDTH = 98  # of a line of comment


@dataclass(frozen=True)
class Cell:
    """One cell: Markdown or Python."""

    kind: Literal["markdown", "code"]
    text: str


def markdown(text: str) -> Cell:
    """A cell of prose."""
    return Cell("markdown", text.strip())


def code(text: str) -> Cell:
    """A cell of Python."""
    return Cell("code", text.strip())


def script(cells: Iterable[Cell]) -> str:
    """The cells as a Python script, prose as comments.

    Each begins with ``# %%``, by which editors such as VS Code and Spyder know cells in a script.

    >>> print(script([markdown("Add."), code("print(1 + 1)")]), end="")
    # %% [markdown]
    # Add.
    <BLANKLINE>
    # %%
    print(1 + 1)
    """
    parts = []
    for cell in cells:
        if cell.kind == "code":
            parts.append(f"# %%\n{cell.text}\n")
        else:
            lines = (line for paragraph in cell.text.splitlines() for line in _wrapped(paragraph))
            comment = "\n".join(f"# {line}".rstrip() for line in lines)
            parts.append(f"# %% [markdown]\n{comment}\n")
    return "\n".join(parts)


def _wrapped(line: str) -> list[str]:
    """A line of Markdown in lines that fit; headings and rows of tables stay as they are."""
    if line.startswith(("|", "#")):
        return [line]
    item = re.match(r"\s*(?:[-*]|\d+\.) ", line)
    indent = " " * len(item[0]) if item else ""
    options: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent, **options) or [""]


def notebook(cells: Iterable[Cell]) -> bytes:
    """The cells as a Jupyter notebook, format 4.5: the same cells give the same bytes."""
    # Loaded here: with its schema it takes as long as all that a page needs besides.
    import nbformat
    from nbformat import v4

    made = []
    for number, cell in enumerate(cells, 1):
        new = v4.new_code_cell if cell.kind == "code" else v4.new_markdown_cell
        made.append(new(cell.text, id=f"cell-{number}"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    book = v4.new_notebook(cells=made, metadata=metadata)
    nbformat.validate(book)
    return bytes(nbformat.writes(book), "utf-8")
