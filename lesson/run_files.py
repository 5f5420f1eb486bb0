"""The folder of one finished run: what its files hold, and how they are checked.

A folder holds ``spec.json``, ``results.json``, ``arrays.npz``, for runs that keep their
network ``network.keras``, and ``manifest.json`` with the SHA-256 of each of them. What does
not agree with its manifest is never trusted, and nothing is ever unpickled. NumPy is loaded
where arrays are read or written: a list of runs needs none.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lesson.checks import SpecError
from lesson.errors import LessonError
from lesson.results import LEARNED_UNITS, Robustness, Run, Summary
from lesson.specs import LEVELS, NUM_CLASSES, NetworkSpec, RunSpec

FORMAT = 1
SPEC, RESULTS, ARRAYS = "spec.json", "results.json", "arrays.npz"
NETWORK = "network.keras"
MANIFEST = "manifest.json"
MAX_FILE_BYTES = 200_000_000
MAX_MANIFEST_BYTES = 10_000


class StoreError(LessonError):
    """A run that cannot be read or kept; the message says which and what to do."""


def write_run(folder: Path, run: Run, with_network: bool = True) -> None:
    """Write a run's files into an empty folder.

    Raises:
        OSError: the disk refuses.
    """
    import numpy as np

    arrays: dict[str, Any] = {"test_probabilities": run.test_probabilities}
    if run.learned is not None:
        arrays["learned"] = run.learned
    files: dict[str, bytes] = {}
    if with_network and run.weights is not None and run.keras_file is not None:
        arrays |= {f"weights_{n}": array for n, array in enumerate(run.weights)}
        files[NETWORK] = run.keras_file
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    files[ARRAYS] = buffer.getvalue()
    files[SPEC] = _to_json(run.spec.to_json())
    files[RESULTS] = _to_json(
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
    for name, content in files.items():
        (folder / name).write_bytes(content)


def read_run(folder: Path) -> Run:
    """Read a run, checking all of it.

    Raises:
        StoreError: it is torn, of another format, or not what its manifest and name say.
    """
    import numpy as np

    from lesson.evaluation import accuracy, cross_entropy
    from lesson.mnist import load

    labels = load().y_test  # outside: damaged digits must not be blamed on the run
    files = _verified(folder)
    try:
        spec = _spec(folder, files)
        results = _json(files[RESULTS])
        with np.load(io.BytesIO(files[ARRAYS]), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        for array in arrays.values():
            array.setflags(write=False)
        probabilities = arrays.pop("test_probabilities")
        learned = arrays.pop("learned", None)
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
            learned=learned,
        )
    except StoreError:
        raise
    except Exception as error:  # whatever a file can hold, the reader gets a sentence
        raise StoreError(f"its files cannot be read ({type(error).__name__}: {error}).") from error
    if probabilities.shape != (len(labels), NUM_CLASSES):
        raise StoreError(f"its probabilities have the shape {probabilities.shape}.")
    if weights is not None and [w.shape for w in weights] != _weight_shapes(spec.network):
        raise StoreError("its weights do not fit its network.")
    if learned is not None and learned.shape != _learned_shape(spec):
        raise StoreError(f"what it learned has the shape {learned.shape}.")
    if run.test_accuracy != accuracy(labels, probabilities):
        raise StoreError("its accuracy is not that of its own answers.")
    loss = cross_entropy(labels, probabilities)
    if not (math.isnan(loss) or math.isclose(run.test_loss, loss, rel_tol=1e-6)):
        raise StoreError("its loss is not that of its own answers.")
    return run


def read_summary(folder: Path) -> Summary:
    """Read a run in brief; its arrays stay on disk, unchecked.

    Raises:
        StoreError: the files that are read are torn, damaged or of another format.
    """
    files = _verified(folder, only=(SPEC, RESULTS))
    try:
        spec, results = _spec(folder, files), _json(files[RESULTS])
        return Summary(
            spec,
            _number(results["test_loss"]),
            float(results["test_accuracy"]),
            float(results["seconds"]),
            statistics.fmean(float(v) for v in results["epoch_seconds"]),
            (folder / NETWORK).is_file(),
        )
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"its results cannot be read ({error}).") from error


def read_network(folder: Path) -> bytes | None:
    """The bytes of the run's ``.keras`` file, or ``None`` for a run that ships without it.

    Raises:
        StoreError: the file was cut off or altered.
    """
    return _verified(folder, only=(NETWORK,)).get(NETWORK)


def robustness_file(folder: Path) -> Path:
    """Where a run's accuracy on changed digits stands: beside its folder."""
    return folder.with_name(f"{folder.name}.robustness.json")


def write_robustness(path: Path, digest: str, values: Robustness) -> None:
    """Write accuracies on changed digits: for each kind one number for each of its levels.

    Raises:
        OSError: the disk refuses.
    """
    path.write_text(json.dumps({"run": digest, "accuracy": dict(values)}) + "\n", encoding="utf-8")


def read_robustness(path: Path, digest: str) -> dict[str, list[float]]:
    """Read what :func:`write_robustness` wrote.

    Raises:
        FileNotFoundError: they were not measured.
        StoreError: the file is damaged or of another run.
    """
    try:
        data = _json(_read(path, MAX_MANIFEST_BYTES))
        return checked_robustness(data["accuracy"], data["run"] == digest)
    except (FileNotFoundError, StoreError):
        raise
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise StoreError(f"it cannot be read ({type(error).__name__}: {error}).") from error


def checked_robustness(data: Any, of_the_run: bool = True) -> dict[str, list[float]]:
    """Accuracies by kind as they should be; kinds that are not known here are left out."""
    values = {kind: [float(v) for v in data[kind]] for kind in LEVELS if kind in data}
    whole = all(len(shares) == len(LEVELS[kind]) for kind, shares in values.items())
    shares = [share for kind in values.values() for share in kind]
    if not of_the_run or not values or not whole or not all(0 <= s <= 1 for s in shares):
        raise StoreError("it is of another run, or not one accuracy for each level.")
    return values


def _weight_shapes(network: NetworkSpec) -> list[tuple[int, ...]]:
    return [s for row in network.ledger for s in row.layer.weight_shapes(row.input_shape)]


def _learned_shape(spec: RunSpec) -> tuple[int, ...]:
    *sides, count = _weight_shapes(spec.network)[0]
    return spec.epochs + 1, *sides, min(count, LEARNED_UNITS)


def _verified(folder: Path, only: Sequence[str] | None = None) -> dict[str, bytes]:
    """The contents of a folder's files, each held against its SHA-256 in the manifest."""
    try:
        manifest = _json(_read(folder / MANIFEST, MAX_MANIFEST_BYTES))
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise StoreError("it was written in another format.")
        sums = dict(manifest["sha256"])
        contents = {}
        for name in only or sums:
            if name not in sums:
                continue
            if Path(name).name != name:
                raise StoreError(f"its manifest names the file {name!r}, outside the folder.")
            contents[name] = _read(folder / name, MAX_FILE_BYTES)
            if hashlib.sha256(contents[name]).hexdigest() != sums[name]:
                raise StoreError(f"its file {name} was cut off or altered.")
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(f"its folder is incomplete ({error.strerror}).") from error
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError("its manifest is damaged.") from error
    return contents


def _spec(folder: Path, files: Mapping[str, bytes]) -> RunSpec:
    try:
        spec = RunSpec.from_json(_json(files[SPEC]))
    except (KeyError, SpecError, ValueError) as error:
        raise StoreError(f"its spec is damaged ({error}).") from error
    if spec.digest != folder.name:
        raise StoreError(f"its spec is that of the run {spec.digest}.")
    return spec


def _read(path: Path, limit: int) -> bytes:
    if path.stat().st_size > limit:
        raise StoreError(f"its file {path.name} is larger than {limit:,} bytes.")
    return path.read_bytes()


def _json(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _to_json(data: Any) -> bytes:
    return (json.dumps(data, indent=1, allow_nan=False) + "\n").encode()


def _plain(value: float) -> float | None:
    """JSON has no NaN and no infinity: a training that blew up is written as ``null``."""
    return float(value) if math.isfinite(value) else None


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
