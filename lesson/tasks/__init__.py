"""Design tasks: what a reader is to build, and what is measured of it.

A question asks what will happen; a task asks for something that does what is wanted. There is more
than one way, so nothing is compared with a solution: each check measures what the reader has set or
trained, says what it found, and what is still missing.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache

from lesson.tasks.task import Task

# The pages that have tasks, by their addresses, and the modules that hold them. One loads NumPy,
# which the first page of a class need not wait for.
MODULES = {
    "feedforward": ("trained",),
    "convolution": ("built",),
    "padding": ("built",),
    "inside-a-cnn": ("trained", "built"),
    "comparison": ("trained",),
    "beyond-images": ("built",),
}


@cache
def of_page(slug: str) -> tuple[Task, ...]:
    """The tasks of a page, in their order; none for a page that has none."""
    modules = [importlib.import_module(f"lesson.tasks.{name}") for name in MODULES.get(slug, ())]
    return tuple(task for module in modules for task in module.TASKS if task.page == slug)


@cache
def bank() -> dict[str, Task]:
    """Every task by its key, page by page."""
    return {task.key: task for slug in MODULES for task in of_page(slug)}


def done(kept: Mapping[str, str]) -> dict[str, str]:
    """The tasks that are done, by their keys, each with what it was done with.

    Args:
        kept: what a reader's progress keeps of tasks; not trusted.
    """
    stands = {key: task.stands(kept.get(key, "")) for key, task in bank().items()}
    return {key: each.says for key, each in stands.items() if each.done}
