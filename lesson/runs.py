"""Finished runs, and where they are kept: one folder each, named by the digest of its spec.

A folder holds ``spec.json``, ``results.json``, ``arrays.npz``, for runs that keep their
network ``network.keras``, and ``manifest.json`` with the SHA-256 of each of them. It is
written under another name and then renamed, so a folder is whole or it is not there;
several servers may share one store. What does not agree with its manifest is set aside,
never trusted, and nothing is ever unpickled.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import math
import os
import shutil
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import platformdirs

from lesson import ASSETS
from lesson.errors import LessonError
from lesson.evaluation import SHIFTS, accuracy, confusion, cross_entropy
from lesson.mnist import load
from lesson.specs import NUM_CLASSES, NetworkSpec, RunSpec, SpecError

Float32 = npt.NDArray[np.float32]
logger = logging.getLogger(__name__)

FORMAT = 1
SHIPPED = ASSETS / "runs"
ENVIRONMENT_VARIABLE = "CNN_CLASSROOM_RUNS"
MANIFEST = "manifest.json"
NETWORK = "network.keras"
MAX_FILE_BYTES = 200_000_000
MAX_MANIFEST_BYTES = 10_000
RUNS_IN_MEMORY = 64
STALE_SECONDS = 3600


class StoreError(LessonError):
    """A run that cannot be read or kept; the message says which and what to do."""


@dataclass(frozen=True)
class Progress:
    """What a training tells while it goes on, about four times a second.

    ``loss`` and ``accuracy`` are the running means of the current epoch; the values of the
    validation digits come once an epoch, when it ends. ``seconds_left`` is an estimate.
    """

    stage: str
    epoch: int = 0
    batch: int = 0
    batches: int = 0
    loss: float | None = None
    accuracy: float | None = None
    val_loss: float | None = None
    val_accuracy: float | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    epoch_end: bool = False


@dataclass(frozen=True, eq=False)
class Run:
    """A finished training: its spec and what came of it.

    Shapes: ``test_probabilities`` ``(10000, 10)``; ``history`` one number an epoch under Keras's
    names (``loss``, ``accuracy``, ``val_loss``, ``val_accuracy``); ``weights`` as Keras's
    ``get_weights`` lists them, or ``None`` for runs shipped as results only. ``epoch_seconds``
    is the wall time of each epoch, ``seconds`` that of the whole ``fit``.
    """

    spec: RunSpec
    history: Mapping[str, Sequence[float]]
    test_loss: float
    test_accuracy: float
    test_probabilities: Float32
    epoch_seconds: Sequence[float]
    seconds: float
    versions: Mapping[str, str]
    machine: Mapping[str, str]
    weights: tuple[Float32, ...] | None = None
    # The file that plain Keras loads, while it is on its way to the store.
    keras_file: bytes | None = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        return self.spec.digest

    @property
    def confusion(self) -> npt.NDArray[np.int64]:
        """Counts ``(10, 10)``: row = label, column = answer, over the 10,000 test digits."""
        return confusion(load().y_test, self.test_probabilities)


@dataclass(frozen=True)
class Summary:
    """A run without its arrays, for lists."""

    spec: RunSpec
    test_loss: float
    test_accuracy: float
    seconds: float
    has_network: bool


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
        self.warnings: list[str] = []
        self._lock = threading.Lock()
        self._memory: OrderedDict[str, Run] = OrderedDict()
        self._unsaved: dict[str, Run] = {}
        self._sweep()

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
        if spec.digest in self._unsaved:
            return _summary(self._unsaved[spec.digest])
        found = (self._summary_at(place) for place in self._places(spec.digest))
        return next((summary for summary in found if summary), None)

    def summaries(self) -> list[Summary]:
        """Every finished run, arrays left on disk; made here first, newest first, then shipped."""
        found = {run.digest: _summary(run) for run in self._unsaved.values()}
        for root in (self.folder, self.shipped):
            for place in _run_folders(root):
                if place.name not in found and (summary := self._summary_at(place)):
                    found[place.name] = summary
        return list(found.values())

    def _summary_at(self, place: Path) -> Summary | None:
        try:
            files = _verified(place, only=("spec.json", "results.json"))
            spec, results = _spec(place, files), _json(files["results.json"])
            return Summary(
                spec,
                _number(results["test_loss"]),
                float(results["test_accuracy"]),
                float(results["seconds"]),
                (place / NETWORK).is_file(),
            )
        except (StoreError, KeyError, TypeError, ValueError) as error:
            self._set_aside(place, error)
            return None

    def keras_file(self, digest: str) -> bytes | None:
        """The bytes of the run's ``.keras`` file, if it has one."""
        if digest in self._unsaved:
            return self._unsaved[digest].keras_file
        for place in self._places(digest):
            try:
                return _verified(place, only=(NETWORK,)).get(NETWORK)
            except StoreError as error:
                self._set_aside(place, error)
        return None

    def moved(self, digest: str) -> dict[str, list[float]] | None:
        """Accuracy on moved test digits, ``{"right": [...], "down": [...]}`` over ``SHIFTS``."""
        for place in self._places(digest):
            path = place.with_name(f"{digest}.moved.json")
            try:
                data = _json(_read(path, MAX_MANIFEST_BYTES))
                values = {way: [float(v) for v in data[way]] for way in ("right", "down")}
                whole = all(len(v) == len(SHIFTS) for v in values.values())
                if data["run"] != digest or not whole or not _are_shares(values):
                    raise ValueError("it is of another run, or not one accuracy for each shift")
                return values
            except FileNotFoundError:
                continue
            except (StoreError, OSError, KeyError, TypeError, ValueError) as error:
                self._set_aside(path, error)
        return None

    # Writing

    def save(self, run: Run, with_network: bool = True) -> None:
        """Keep a run. If the disk refuses, the run stays in memory and a warning says so."""
        try:
            self._write(run, with_network)
        except OSError as error:
            with self._lock:
                self._unsaved[run.digest] = run
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

    def save_moved(self, digest: str, values: Mapping[str, Sequence[float]]) -> None:
        """Keep a run's accuracy on moved digits beside it."""
        partial = self.folder / f".{digest}-{uuid.uuid4().hex}.partial"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps({"run": digest, **values}) + "\n", encoding="utf-8")
            partial.replace(self.folder / f"{digest}.moved.json")
        except OSError as error:
            partial.unlink(missing_ok=True)
            self._warn(f"A measurement could not be written to the run folder ({error.strerror}).")

    def _write(self, run: Run, with_network: bool) -> None:
        arrays: dict[str, npt.NDArray[Any]] = {"test_probabilities": run.test_probabilities}
        files: dict[str, bytes] = {}
        if with_network and run.weights is not None and run.keras_file is not None:
            arrays |= {f"weights_{n}": array for n, array in enumerate(run.weights)}
            files[NETWORK] = run.keras_file
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **arrays)
        files["arrays.npz"] = buffer.getvalue()
        files["spec.json"] = _to_json(run.spec.to_json())
        files["results.json"] = _to_json(
            {
                "history": {k: [_plain(v) for v in values] for k, values in run.history.items()},
                "test_loss": _plain(run.test_loss),
                "test_accuracy": run.test_accuracy,
                "confusion": run.confusion.tolist(),
                "epoch_seconds": list(run.epoch_seconds),
                "seconds": run.seconds,
                "versions": dict(run.versions),
                "machine": dict(run.machine),
            }
        )
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        files[MANIFEST] = _to_json({"format": FORMAT, "sha256": sums})

        partial = self.folder / f".{run.digest}-{uuid.uuid4().hex}.partial"
        target = self.folder / run.digest
        partial.mkdir(parents=True)
        try:
            for name, content in files.items():
                (partial / name).write_bytes(content)
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

    def _places(self, digest: str) -> Iterator[Path]:
        if not (len(digest) == 20 and all(c in "0123456789abcdef" for c in digest)):
            raise StoreError(f"A run is named by 20 hexadecimal digits, but this is {digest!r}.")
        for root in (self.folder, self.shipped):
            if root is not None and (
                (root / digest).exists() or (root / f"{digest}.moved.json").exists()
            ):
                yield root / digest

    def _set_aside(self, place: Path, error: Exception) -> None:
        if not place.exists():
            return
        message = f"The stored run {place.name} is not used: {error} It will be trained anew."
        if place.parent == self.folder:
            with contextlib.suppress(OSError):  # else it stays where it is, and stays unused
                place.rename(self.folder / f".set-aside-{place.name}-{uuid.uuid4().hex[:8]}")
        self._warn(message)

    def _warn(self, message: str) -> None:
        with self._lock:
            if message in self.warnings:
                return
            self.warnings = [*self.warnings[-9:], message]
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


def read_run(place: Path) -> Run:
    """Read one run's folder, checking all of it.

    Raises:
        StoreError: it is torn, of another format, or not what its manifest and name say.
    """
    labels = load().y_test  # outside: damaged digits must not be blamed on the run
    files = _verified(place)
    try:
        spec = _spec(place, files)
        results = _json(files["results.json"])
        with np.load(io.BytesIO(files["arrays.npz"]), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        for array in arrays.values():
            array.setflags(write=False)
        probabilities = arrays.pop("test_probabilities")
        weights = tuple(arrays[f"weights_{n}"] for n in range(len(arrays))) or None
        run = Run(
            spec=spec,
            history={
                str(k): [_number(v) for v in values] for k, values in results["history"].items()
            },
            test_loss=_number(results["test_loss"]),
            test_accuracy=float(results["test_accuracy"]),
            test_probabilities=probabilities,
            epoch_seconds=[float(v) for v in results["epoch_seconds"]],
            seconds=float(results["seconds"]),
            versions=dict(results["versions"]),
            machine=dict(results["machine"]),
            weights=weights,
        )
    except StoreError:
        raise
    except Exception as error:  # whatever a file can hold, the reader gets a sentence
        raise StoreError(f"its files cannot be read ({type(error).__name__}: {error}).") from error
    if probabilities.shape != (len(labels), NUM_CLASSES):
        raise StoreError(f"its probabilities have the shape {probabilities.shape}.")
    if weights is not None and [w.shape for w in weights] != _weight_shapes(spec.network):
        raise StoreError("its weights do not fit its network.")
    if run.test_accuracy != accuracy(labels, probabilities):
        raise StoreError("its accuracy is not that of its own answers.")
    loss = cross_entropy(labels, probabilities)
    if not (math.isnan(loss) or math.isclose(run.test_loss, loss, rel_tol=1e-6)):
        raise StoreError("its loss is not that of its own answers.")
    return run


def _are_shares(values: Mapping[str, Sequence[float]]) -> bool:
    return all(0 <= share <= 1 for shares in values.values() for share in shares)


def _weight_shapes(network: NetworkSpec) -> list[tuple[int, ...]]:
    return [s for row in network.ledger for s in row.layer.weight_shapes(row.input_shape)]


def _verified(place: Path, only: Sequence[str] | None = None) -> dict[str, bytes]:
    """The contents of a folder's files, each held against its SHA-256 in the manifest."""
    try:
        manifest = _json(_read(place / MANIFEST, MAX_MANIFEST_BYTES))
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise StoreError("it was written in another format.")
        sums = dict(manifest["sha256"])
        contents = {}
        for name in only or sums:
            if name not in sums:
                continue
            if Path(name).name != name:
                raise StoreError(f"its manifest names the file {name!r}, outside the folder.")
            contents[name] = _read(place / name, MAX_FILE_BYTES)
            if hashlib.sha256(contents[name]).hexdigest() != sums[name]:
                raise StoreError(f"its file {name} was cut off or altered.")
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(f"its folder is incomplete ({error.strerror}).") from error
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError("its manifest is damaged.") from error
    return contents


def _spec(place: Path, files: Mapping[str, bytes]) -> RunSpec:
    try:
        spec = RunSpec.from_json(_json(files["spec.json"]))
    except (KeyError, SpecError, ValueError) as error:
        raise StoreError(f"its spec is damaged ({error}).") from error
    if spec.digest != place.name:
        raise StoreError(f"its spec is that of the run {spec.digest}.")
    return spec


def _summary(run: Run) -> Summary:
    has_network = run.weights is not None
    return Summary(run.spec, run.test_loss, run.test_accuracy, run.seconds, has_network)


def _run_folders(root: Path | None) -> list[Path]:
    """A store's runs, newest first."""
    if root is None or not root.is_dir():
        return []
    places = [p for p in root.iterdir() if p.is_dir() and not p.name.startswith(".")]
    return sorted(places, key=lambda p: (-p.stat().st_mtime, p.name))


def _read(path: Path, limit: int) -> bytes:
    if path.stat().st_size > limit:
        raise StoreError(f"its file {path.name} is larger than {limit:,} bytes.")
    return path.read_bytes()


def _json(content: bytes) -> Any:
    return json.loads(content.decode("utf-8"))


def _to_json(data: Any) -> bytes:
    return (json.dumps(data, indent=1, allow_nan=False) + "\n").encode()


def _plain(value: float) -> float | None:
    """JSON has no NaN and no infinity: a training that blew up is written as ``null``."""
    return float(value) if math.isfinite(value) else None


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
