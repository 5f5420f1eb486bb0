"""Run what a reader takes along, in processes of their own, without the internet."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from lesson import mnist

RUNNER = """
import contextlib, io, json, runpy, sys
import numpy as np

told = {}
for script, *names in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        found = runpy.run_path(script)
    told[script] = out.getvalue()
    np.savez(script + ".npz", **{name: np.asarray(found[name]) for name in names})
print(json.dumps(told))
"""


def environment(folder: Path) -> dict[str, str]:
    """An environment in which Keras finds no digits, neither kept nor on the internet."""
    nowhere = "http://127.0.0.1:9"
    return {
        **os.environ,
        "KERAS_HOME": str(folder / "keras"),
        "HTTPS_PROXY": nowhere,
        "https_proxy": nowhere,
        "PYTHONIOENCODING": "utf-8",
    }


def give_digits(folder: Path) -> None:
    """Put the bundled digits where scripts and notebooks look for them."""
    shutil.copy(mnist.PATH, folder / "mnist.npz")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python, in the folder."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def execute(cells: list[nbformat.NotebookNode], folder: Path) -> list[str]:
    """What each code cell prints when all of them are run in one kernel."""
    from nbclient import NotebookClient

    book = nbformat.v4.new_notebook(cells=cells)
    before = dict(os.environ)
    os.environ.update(environment(folder))
    try:
        client = NotebookClient(
            book,
            timeout=250,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return [
        "".join(_text(each) for each in cell.outputs)
        for cell in book.cells
        if cell.cell_type == "code"
    ]


def _text(output: nbformat.NotebookNode) -> str:
    """What an output says, without colours."""
    said = output.get("text") or output.get("data", {}).get("text/plain", "")
    return re.sub(r"\x1b\[[\d;]*m", "", said)
