"""Imports run one way, and the server's process stays free of what it does not need."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "pages").glob("*.py"))
FILES = sorted([*(ROOT / "lesson").rglob("*.py"), *PAGES, ROOT / "streamlit_app.py"])
KERAS = {"keras", "tensorflow", "tf_keras"}
MAY_NAME_KERAS = {"lesson.keras_models", "lesson.training"}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


@cache
def imports(name: str) -> frozenset[str]:
    """Every module that a file imports, at its top or later, by statement or by call."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base]).rstrip(".")
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).split(".")[-1] in {"import_module", "__import__"}
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            found.add(str(node.args[0].value))
    return frozenset(found)


def reaches(name: str, target: str) -> bool:
    return any(found == target or found.startswith(f"{target}.") for found in imports(name))


def floor(name: str) -> int:
    """The lesson is 0, what shows it 1, the pages and the router 2."""
    if name == "streamlit_app" or name.split(".")[0] == "pages":
        return 2
    return 1 if name == "lesson.ui" or name.startswith("lesson.ui.") else 0


def test_the_floors_are_all_there() -> None:
    assert {floor(name) for name in MODULES} == {0, 1, 2}
    assert len(PAGES) == 12
    assert set(MODULES) >= MAY_NAME_KERAS
    # The reader of imports sees what is known to be there.
    assert all(reaches(name, "keras") for name in MAY_NAME_KERAS)
    assert reaches("streamlit_app", "streamlit")


@pytest.mark.parametrize("name", MODULES)
def test_imports_run_downward(name: str) -> None:
    above = {
        0: ("lesson.ui", "pages", "streamlit_app"),
        1: ("pages", "streamlit_app"),
        2: ("pages", "streamlit_app"),
    }[floor(name)]
    assert [target for target in above if reaches(name, target)] == []


@pytest.mark.parametrize("name", [name for name in MODULES if floor(name) == 0])
def test_the_lesson_does_not_name_streamlit(name: str) -> None:
    assert not reaches(name, "streamlit")


@pytest.mark.parametrize("name", [name for name in MODULES if name not in MAY_NAME_KERAS])
def test_only_two_modules_name_keras(name: str) -> None:
    assert [library for library in KERAS if reaches(name, library)] == []


def test_nothing_of_the_program_is_needed_by_the_tests_or_the_measurements_alone() -> None:
    for name in MODULES:
        assert not reaches(name, "tests")
        assert not reaches(name, "bench")


def test_no_two_modules_need_each_other() -> None:
    """Follow the imports down: one never comes back to where one was."""
    graph = {
        name: {other for other in imports(name) if other in MODULES and other != name}
        for name in MODULES
    }
    # A package's own name comes with ``from lesson import mnist``; it holds no code that imports.
    for needed in graph.values():
        needed.discard("lesson")
    done: set[str] = set()

    def follow(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, f"a circle of imports: {' → '.join((*way, name))}"
        if name not in done:
            for other in sorted(graph[name]):
                follow(other, (*way, name))
            done.add(name)

    for name in graph:
        follow(name, ())


# What is loaded

LOADED = """
import json, sys
import streamlit
before = set(sys.modules)
exec(sys.argv[1])
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def import_lines(path: Path) -> str:
    """A script's imports without the rest of it."""
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    kept = [
        ast.unparse(node)
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        and getattr(node, "module", "") != "__future__"
    ]
    return "\n".join(kept)


def loaded(code: str) -> set[str]:
    """What a process that has Streamlit loads beyond it when it runs ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def families(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_pages_and_interface_load_neither_keras_nor_tensorflow() -> None:
    lines = [f"import {name}" for name in MODULES if floor(name) < 2 and name not in MAY_NAME_KERAS]
    lines += [import_lines(path) for path in (*PAGES, ROOT / "streamlit_app.py")]
    modules = loaded("\n".join(lines))
    assert {"lesson.ui.navigation", "lesson.specs", "lesson.trainer"} <= modules
    assert families(modules) & (KERAS | {"jax", "torch", "h5py", "absl"}) == set()
    assert modules & MAY_NAME_KERAS == set()


def test_the_overview_loads_no_plotly_and_no_dask() -> None:
    """It is the first page of a class, on screen as soon as Streamlit is."""
    overview = next(path for path in PAGES if "overview" in path.name)
    modules = loaded(f"{import_lines(ROOT / 'streamlit_app.py')}\n{import_lines(overview)}")
    assert "lesson.ui.navigation" in modules
    assert families(modules) & {"plotly", "distributed", "dask", "pandas", *KERAS} == set()
