"""A design task: what is to be made, what it is checked against, and what is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lesson.results import Robustness, Summary
from lesson.specs import RunSpec

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Trained:
    """A finished run of the reader's, and its accuracy on changed digits if that was measured."""

    summary: Summary
    robustness: Robustness = field(default_factory=dict)

    @property
    def spec(self) -> RunSpec:
        return self.summary.spec


@dataclass(frozen=True)
class Situation:
    """What a task is checked against.

    Attributes:
        settings: what the page's controls are set to, by their keys; not trusted.
        spec: what the controls of the page that trains ask for.
        runs: the reader's finished runs, the newest last; that of ``spec`` among them.
        kept: what is kept of the task so far; not trusted.
    """

    settings: Settings = field(default_factory=dict)
    spec: RunSpec | None = None
    runs: Sequence[Trained] = ()
    kept: str = ""


@dataclass(frozen=True)
class Checked:
    """What was found.

    Attributes:
        done: whether the task is.
        says: what was measured, the rule, and what is missing, in Markdown.
        keep: what is kept of it, in words; where it is empty, what was kept before stays.
        show: what the page's controls may be set to, to go on from here.
        label: of the button that does that.
    """

    done: bool
    says: str
    keep: str = ""
    show: Settings = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True)
class Stands:
    """How a task stands by what is kept of it: whether it is done, and what was done so far."""

    done: bool
    says: str


def kept_stands(kept: str) -> Stands:
    """Of most tasks something is kept only when they are done."""
    return Stands(bool(kept), kept)


@dataclass(frozen=True, eq=False)
class Task:
    """One design task.

    Attributes:
        key: names it everywhere, ``page_task_what``.
        page: the address of the page that it stands on.
        objective: the key of the objective that it belongs to.
        title, prompt: what is to be made.
        hint: for one who has tried.
        check: what is found of a situation.
        lab: the name of the laboratory whose settings are checked too; or nothing.
        link: the address of another page on which one works at it; or nothing.
        button: what the button says that checks it.
        stands: reads what is kept of it.
    """

    key: str
    page: str
    objective: str
    title: str
    prompt: str
    hint: str
    check: Callable[[Situation], Checked]
    lab: str = ""
    link: str = ""
    button: str = "Check"
    stands: Callable[[str], Stands] = kept_stands
