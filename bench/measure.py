"""A measure: two sides taken in turn in one run, and their ratio."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Measure:
    """Ours against theirs, one value a round each; the ratio is to stay ≤ ``target``."""

    name: str
    against: str
    unit: str
    ours: list[float]
    theirs: list[float]
    target: float
    note: str = ""

    @property
    def ratio(self) -> float:
        """The median of the rounds' own ratios, since a machine that slows down slows both sides.

        >>> Measure("a", "b", "s", [1.0, 2.0, 9.0], [4.0, 4.0, 18.0], 1.0).ratio
        0.5
        """
        return median(ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True))

    @property
    def met(self) -> bool:
        return self.ratio <= self.target

    def to_json(self) -> dict[str, Any]:
        return {**self.__dict__, "ratio": self.ratio, "met": self.met}

    def row(self) -> str:
        """One line of the table."""
        cells = (
            f"{self.name:<34}",
            f"{median(self.ours):>8.2f} {self.unit}",
            f"{median(self.theirs):>8.2f} {self.unit}",
            f"{self.ratio:>6.2f}×",
            f"≤ {self.target:.2f}×",
            "met" if self.met else "MISSED",
            f"against {self.against}" + (f"; {self.note}" if self.note else ""),
        )
        return "  ".join(cells)
