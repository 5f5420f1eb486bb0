"""What questions about results read: trained networks and their numbers, read once."""

from __future__ import annotations

from functools import lru_cache

from lesson import brief
from lesson.brief import Brief
from lesson.results import Robustness, Run
from lesson.run_files import StoreError
from lesson.runs import RunStore
from lesson.specs import RunSpec


@lru_cache(maxsize=1)
def store() -> RunStore:
    """The finished runs."""
    return RunStore()


def run(spec: RunSpec) -> Run | None:
    """The finished run of a spec, if it is there."""
    return store().find(spec)


@lru_cache(maxsize=256)
def in_brief(spec: RunSpec) -> Brief | None:
    """The numbers of a run, if they are there and can be read."""
    try:
        return brief.look_up(spec, store())
    except StoreError:
        return None


@lru_cache(maxsize=16)
def robustness(spec: RunSpec) -> Robustness:
    """A run's accuracy on changed digits: for each kind that was measured, see ``LEVELS``."""
    return store().robustness(spec.digest)
