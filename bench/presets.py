"""Every preset's training with live curves, against plain ``model.fit``."""

from __future__ import annotations

from bench import training
from bench.measure import Measure
from lesson.presets import PRESETS


def measure(rounds: int) -> list[Measure]:
    """All presets in turn."""
    return training.compare({name: preset.spec for name, preset in PRESETS.items()}, rounds)
