"""Many readers at once: each has a page open and moves one of its controls once a second.

``python -m bench.readers --help`` tells how to choose the page, the control and the readers.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import psutil

from bench.browser import APP, serve
from bench.measure import Measure
from bench.session import PATIENCE, Session, session

LIMIT = 0.25  # seconds in which 95 of 100 moves are to be answered
READERS = 100
EVERY = 1.0  # seconds from a reader's move to the next
SECONDS = 12  # a round
REST = 0.3  # seconds after which a browser asks for the rest of the page, see the explorer
WARM = 3.0  # seconds in which the server loads what its first page did not need
OPENING = 8  # pages opened at a time
Values = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Case:
    """What the readers do.

    Attributes:
        page: its address.
        control: the key of the control that they move.
        values: what it shows in turn, as texts, several for a multiselect; if there are none,
            each of its options, or of a multiselect all that was chosen and one less.
        query: what the address says of other controls.
    """

    page: str
    control: str
    values: Values = ()
    query: str = ""


@dataclass
class Taken:
    """What a round has shown: seconds for each move, and what went wrong how often."""

    moves: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


COMPARISON = Case("comparison", "comparison_runs")
# What a class does on this page at once; a network's answers are NumPy's, in the same process.
CASES = (
    COMPARISON,
    Case("comparison", "comparison_change", query="comparison_view=Robustness"),
    Case("comparison", "comparison_rotation", query="comparison_view=One+digit"),
    Case("comparison", "comparison_why_side", query="comparison_view=Why"),
)


def measure(rounds: int, readers: int = READERS) -> list[Measure]:
    """Every case, each with a server of its own."""
    return [found for case in CASES for found in one(rounds, case, readers)]


def one(rounds: int, case: Case = COMPARISON, readers: int = READERS) -> list[Measure]:
    """All readers in this process, the server in one of its own."""
    with tempfile.TemporaryDirectory() as runs, serve(APP, Path(runs)) as server:
        process = psutil.Process(server.process.pid)
        return [asyncio.run(_measured(server.address, process, case, readers, rounds))]


async def _measured(
    address: str, process: psutil.Process, case: Case, readers: int, rounds: int
) -> Measure:
    case = await _warmed(address, case)
    empty = _megabytes(process)
    async with AsyncExitStack() as stack:
        several = asyncio.Semaphore(OPENING)

        async def opened() -> Session:
            async with several:
                return await stack.enter_async_context(session(address, case.page, case.query))

        sessions = await asyncio.gather(*(opened() for _ in range(readers)))
        full, worked, begun = _megabytes(process), _worked(process), perf_counter()
        found = [await _round(sessions, case) for _ in range(rounds)]
        busy = (_worked(process) - worked) / (perf_counter() - begun)
        end = _megabytes(process)
    late = [quantiles(taken.moves, n=20)[-1] for taken in found]
    every = [move for taken in found for move in taken.moves]
    errors = sum((taken.errors for taken in found), Counter[str]())
    told = "".join(f" ({count}× {text})" for text, count in errors.most_common(2))
    note = (
        f"p50 {median(every):.3f} s of {len(every):,} moves, {errors.total()} errors{told}; "
        f"the server {empty:.0f} MB without readers, {full:.0f} MB with them, {end:.0f} MB after, "
        f"{busy:.2f} cores"
    )
    name = f"{readers} readers, {case.page}, {case.control}: p95"
    limit = [LIMIT] * rounds
    return Measure(name, f"{LIMIT} s", "s", late, limit, 1.0, note)


async def _warmed(address: str, case: Case) -> Case:
    """Open the overview, as the first reader does, then have each value shown once.

    What comes back names the values.
    """
    async with session(address, ""):
        await asyncio.sleep(WARM)
    async with session(address, case.page, case.query) as reader:
        values = case.values or choices(reader, case.control)
        for texts in values:
            await reader.move(case.control, texts)
            await reader.load()
        if reader.errors:
            raise RuntimeError(f"The page {case.page} does not work: {reader.errors[0]}")
    return replace(case, values=values)


def choices(reader: Session, key: str) -> Values:
    """What a control can show in turn, what it shows now first."""
    control = reader.control(key)
    if control.kind == "button":
        return [["true"]]
    if control.kind == "multiselect":
        return [control.shown, control.shown[:-1]]
    if options := control.options:
        at = options.index(control.shown[0])
        return [[option] for option in options[at:] + options[:at]]
    raise ValueError(f"{key} is a {control.kind} without options: say which values it takes.")


async def _round(sessions: list[Session], case: Case) -> Taken:
    """Each reader's moves, the readers spread evenly over the second."""
    taken = Taken()
    begin = perf_counter() + 0.1
    await asyncio.gather(
        *(
            _moves(reader, case, begin + EVERY * at / len(sessions), taken)
            for at, reader in enumerate(sessions)
        )
    )
    return taken


async def _moves(reader: Session, case: Case, first: float, taken: Taken) -> None:
    """Move when the next move is due: who still waits for the last one is late, and that counts."""
    for number in range(int(SECONDS / EVERY)):
        due = first + EVERY * number
        await asyncio.sleep(due - perf_counter())
        reader.errors.clear()
        try:
            await reader.move(case.control, case.values[(number + 1) % len(case.values)])
            taken.moves.append(perf_counter() - due)
            if reader.behind and perf_counter() + REST < due + EVERY:
                await asyncio.sleep(REST)
                await reader.load()
        except Exception as error:  # whatever it is, it is counted, and the others go on
            taken.moves.append(PATIENCE)
            reader.errors.append(f"{type(error).__name__} {error}".strip())
        taken.errors.update(reader.errors)


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss / 1e6)


def _worked(process: psutil.Process) -> float:
    """Seconds of a processor that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    """Hold sessions on a page and move one of its controls, without a browser."""
    parser = argparse.ArgumentParser(prog="python -m bench.readers", description=main.__doc__)
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--rounds", type=int, default=1, help=f"of {SECONDS} s each")
    parser.add_argument("--page", default=COMPARISON.page, help="its address")
    parser.add_argument("--query", default="", help="what the address says behind the page's")
    parser.add_argument("--control", default=COMPARISON.control, help="the key of what is moved")
    parser.add_argument(
        "--values",
        nargs="*",
        default=[],
        metavar="VALUE",
        help="what it shows in turn, those of a multiselect as A|B; without: each of its options",
    )
    given = parser.parse_args()
    values = [[text for text in value.split("|") if text] for value in given.values]
    case = Case(given.page, given.control, values, given.query)
    for found in one(given.rounds, case, given.readers):
        print(found.row())


if __name__ == "__main__":
    main()
