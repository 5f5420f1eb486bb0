"""``python -m bench``: run the measures, print a table, write ``bench/results/latest.json``."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import time
from pathlib import Path

MEASURES = (
    "start",
    "slider",
    "pointer",
    "inside",
    "stroke",
    "comparison",
    "forward",
    "readers",
    "training",
)
# Trainings of some minutes: only when asked for.
ALL = (*MEASURES, "presets")
RESULTS = Path(__file__).resolve().parent / "results" / "latest.json"


def main() -> None:
    """Each measure takes its two sides in turn and gives the median of the rounds' ratios."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    parser.add_argument("measures", nargs="*", metavar="measure", help=", ".join(ALL))
    parser.add_argument("--rounds", type=int, default=5, help="how often both sides are taken")
    arguments = parser.parse_args()
    if unknown := set(arguments.measures) - set(ALL):
        parser.error(f"there is no measure {', '.join(unknown)}; there are {', '.join(ALL)}")
    if arguments.rounds < 1:
        parser.error(f"there must be at least one round, not {arguments.rounds}")

    found = []
    for name in arguments.measures or MEASURES:
        for measure in importlib.import_module(f"bench.{name}").measure(arguments.rounds):
            print(measure.row(), flush=True)
            found.append(measure.to_json())
    RESULTS.parent.mkdir(exist_ok=True)
    machine = {"system": platform.platform(), "cores": os.cpu_count()}
    when = time.strftime("%Y-%m-%d")
    results = {"date": when, "rounds": arguments.rounds, "machine": machine, "measures": found}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
