"""Finished runs, and where they are kept: one folder each, named by the digest of its spec.

A folder is written under another name and then renamed, so it is whole or it is not there;
several servers may share one store. What is damaged is set aside and trained anew.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import platformdirs

from lesson import ASSETS
from lesson.results import Robustness, Run, Summary
from lesson.run_files import (
    MANIFEST,
    RESULTS,
    SPEC,
    StoreError,
    read_network,
    read_robustness,
    read_run,
    read_summary,
    robustness_file,
    write_robustness,
    write_run,
)
from lesson.specs import RunSpec

logger = logging.getLogger(__name__)

SHIPPED = ASSETS / "runs"
ENVIRONMENT_VARIABLE = "CNN_CLASSROOM_RUNS"
RUNS_IN_MEMORY = 64
STALE_SECONDS = 3600
LISTED_SECONDS = 1.0


def default_folder() -> Path:
    """``$CNN_CLASSROOM_RUNS``, or a folder in the user's cache."""
    named = os.environ.get(ENVIRONMENT_VARIABLE, "").strip()
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_cache_dir("cnn-classroom", appauthor=False)) / "runs"


class RunStore:
    """Runs on disk: those made here, in ``folder``, and those that ship with the lesson."""

    def __init__(self, folder: Path | None = None, shipped: Path | None = SHIPPED) -> None:
        self.folder = folder or default_folder()
        self.shipped = shipped
        self._warnings: list[str] = []
        self._gone = ""  # what is to be said of runs that were read and are no longer there
        self._lock = threading.Lock()
        self._memory: OrderedDict[str, Run] = OrderedDict()
        self._summaries: dict[Path, tuple[tuple[int, ...], Summary]] = {}
        self._robustness: dict[Path, tuple[tuple[int, int], Robustness]] = {}
        self._listed: tuple[object, float, list[Summary]] = None, 0.0, []
        self._unsaved: dict[str, Run] = {}
        self._unsaved_robustness: dict[str, Robustness] = {}
        self._sweep()

    @property
    def warnings(self) -> list[str]:
        """What readers should know of the store, each in a sentence or two."""
        return [*self._warnings, *filter(None, [self._gone])]

    # Reading

    def find(self, spec: RunSpec) -> Run | None:
        """The finished run of this spec, or ``None`` if it has to be trained."""
        return self.load(spec.digest)

    def load(self, digest: str) -> Run | None:
        """The finished run of this name, or ``None``; what is damaged is set aside on the way."""
        with self._lock:
            if digest in self._unsaved:
                return self._unsaved[digest]
            if digest in self._memory:
                self._memory.move_to_end(digest)
                return self._memory[digest]
        for place in self._places(digest):
            try:
                run = read_run(place)
            except StoreError as error:
                self._set_aside(place, error)
                continue
            with self._lock:
                self._memory[digest] = run
                while len(self._memory) > RUNS_IN_MEMORY:
                    self._memory.popitem(last=False)
            return run
        return None

    def summary(self, spec: RunSpec) -> Summary | None:
        """The finished run of this spec, arrays left on disk, or ``None``."""
        if unsaved := self._unsaved.get(spec.digest):
            return unsaved.summary
        found = (self._summary_at(place) for place in self._places(spec.digest))
        return next((summary for summary in found if summary), None)

    def summaries(self) -> list[Summary]:
        """Every finished run, arrays left on disk; made here first, newest first, then shipped.

        The list is asked for at every move of a control. It is made anew when a run has come or
        gone in either folder, and once a second.
        """
        state = tuple((root, _changed_at(root)) for root in (self.folder, self.shipped))
        with self._lock:
            known, made, listed = self._listed
        if known == state and time.monotonic() - made < LISTED_SECONDS:
            return listed
        listed = self._list()
        with self._lock:
            self._listed = state, time.monotonic(), listed
        return listed

    def _list(self) -> list[Summary]:
        with self._lock:
            unsaved, read = list(self._unsaved.values()), list(self._memory.values())
        found = {run.digest: run.summary for run in unsaved}
        for root in (self.folder, self.shipped):
            for place in _run_folders(root):
                if place.name not in found and (summary := self._summary_at(place)):
                    found[place.name] = summary
        gone = [
            run for run in read if run.digest not in found and not any(self._places(run.digest))
        ]
        self._gone = (
            f"{len(gone)} finished run{'s' if len(gone) > 1 else ''} can no longer be found in the "
            f"run folder: it was moved or removed. What this server has read stays until it "
            f"stops, without the files to download; new runs are kept in a new folder."
            if gone
            else ""
        )
        kept = (replace(run.summary, has_network=False) for run in gone)
        return [*found.values(), *kept]

    def _summary_at(self, place: Path) -> Summary | None:
        try:
            # Lists are made at every move of a control: files that have not changed are not
            # read again.
            stats = [(place / name).stat() for name in (MANIFEST, SPEC, RESULTS)]
            state = tuple(number for stat in stats for number in (stat.st_mtime_ns, stat.st_size))
            known = self._summaries.get(place)
            if known is None or known[0] != state:
                known = self._summaries[place] = state, read_summary(place)
        except OSError as error:
            self._set_aside(place, StoreError(f"its folder is incomplete ({error.strerror})."))
            return None
        except StoreError as error:
            self._set_aside(place, error)
            return None
        return known[1]

    def keras_file(self, digest: str) -> bytes | None:
        """The bytes of the run's ``.keras`` file, if it has one."""
        if unsaved := self._unsaved.get(digest):
            return unsaved.keras_file
        for place in self._places(digest):
            try:
                return read_network(place)
            except StoreError as error:
                self._set_aside(place, error)
        return None

    def robustness(self, digest: str) -> dict[str, Sequence[float]]:
        """Accuracy on changed test digits: for each kind that was measured, see ``LEVELS``.

        What ships and what was measured here are put together, the latter first.
        """
        found: dict[str, Sequence[float]] = {**self._unsaved_robustness.get(digest, {})}
        for root in self._roots(digest):
            path = robustness_file(root / digest)
            try:
                found = {**self._robustness_at(path, digest), **found}
            except FileNotFoundError:
                continue
            except (OSError, StoreError) as error:
                self._set_aside(path, error, "It can be measured anew.")
        return found

    def _robustness_at(self, path: Path, digest: str) -> Robustness:
        # Asked for at every move of a control: a file that has not changed is not read again.
        stat = path.stat()
        state = stat.st_mtime_ns, stat.st_size
        known = self._robustness.get(path)
        if known is None or known[0] != state:
            known = self._robustness[path] = state, read_robustness(path, digest)
        return known[1]

    # Writing

    def save(self, run: Run, with_network: bool = True) -> None:
        """Keep a run. If the disk refuses, the run stays in memory and a warning says so."""
        try:
            self._write(run, with_network)
        except OSError as error:
            with self._lock:
                self._unsaved[run.digest] = run
                self._listed = None, 0.0, []
            self._warn(
                f"A finished run could not be written to the run folder ({error.strerror}). It "
                f"stays until the server stops. Free some space, or set "
                f"{ENVIRONMENT_VARIABLE} to a "
                f"folder that can be written to."
            )
            return
        with self._lock:
            self._unsaved.pop(run.digest, None)
            self._memory.pop(run.digest, None)
            self._listed = None, 0.0, []

    def save_robustness(self, digest: str, values: Robustness) -> None:
        """Keep a run's accuracy on changed digits beside it, or in memory if the disk refuses."""
        partial = self.folder / f".{digest}-{uuid.uuid4().hex}.partial"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_robustness(partial, digest, values)
            partial.replace(robustness_file(self.folder / digest))
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            with self._lock:
                self._unsaved_robustness[digest] = values
            self._warn(
                f"A measurement could not be written to the run folder ({error.strerror}). It "
                f"stays until the server stops. Free some space, or set "
                f"{ENVIRONMENT_VARIABLE} to a folder that can be written to."
            )
            return
        with self._lock:
            self._unsaved_robustness.pop(digest, None)

    def _write(self, run: Run, with_network: bool) -> None:
        partial = self.folder / f".{run.digest}-{uuid.uuid4().hex}.partial"
        target = self.folder / run.digest
        partial.mkdir(parents=True)
        try:
            write_run(partial, run, with_network)
            try:
                partial.rename(target)
            except OSError:
                # Another server was first, or what stands there is damaged.
                try:
                    read_run(target)
                except StoreError as error:
                    self._set_aside(target, error)
                    partial.rename(target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    # Keeping order

    def _roots(self, digest: str) -> list[Path]:
        """The folders in which a run of this name may be."""
        if not (len(digest) == 20 and all(c in "0123456789abcdef" for c in digest)):
            raise StoreError(f"A run is named by 20 hexadecimal digits, but this is {digest!r}.")
        return [root for root in (self.folder, self.shipped) if root is not None]

    def _places(self, digest: str) -> Iterator[Path]:
        for root in self._roots(digest):
            if (root / digest).exists():
                yield root / digest

    def _set_aside(
        self, place: Path, error: Exception, then: str = "It will be trained anew."
    ) -> None:
        if not place.exists():
            return
        if place.parent == self.folder:
            with contextlib.suppress(OSError):  # else it stays where it is, and stays unused
                place.rename(self.folder / f".set-aside-{place.name}-{uuid.uuid4().hex[:8]}")
        with self._lock:
            self._memory.pop(place.name, None)
        self._warn(f"The stored run {place.name} is not used: {error} {then}")

    def _warn(self, message: str) -> None:
        with self._lock:
            if message in self._warnings:
                return
            self._warnings = [*self._warnings[-9:], message]
        logger.warning(message)

    def _sweep(self) -> None:
        """Remove what a server that was stopped while saving left behind."""
        if not self.folder.is_dir():
            return
        for partial in self.folder.glob(".*.partial"):
            try:
                if time.time() - partial.stat().st_mtime > STALE_SECONDS:
                    if partial.is_dir():
                        shutil.rmtree(partial, ignore_errors=True)
                    else:
                        partial.unlink(missing_ok=True)
            except OSError:
                continue


def _changed_at(root: Path | None) -> int | None:
    """When something last came into a folder or left it, if it is there."""
    try:
        return root.stat().st_mtime_ns if root else None
    except OSError:
        return None


def _run_folders(root: Path | None) -> list[Path]:
    """A store's runs, newest first; one that goes while they are listed is left out."""
    found = []
    with contextlib.suppress(OSError):
        for place in root.iterdir() if root else ():
            if not place.name.startswith(".") and place.is_dir():
                with contextlib.suppress(OSError):
                    found.append((-place.stat().st_mtime, place.name, place))
    return [place for *_, place in sorted(found)]
