"""What a training will cost, told before it begins: memory by counting, time by a run like it."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable
from dataclasses import dataclass

from lesson.results import Summary
from lesson.specs import RunSpec

# Numbers that an optimizer keeps for each weight: Adam two running means, RMSprop one.
SLOTS = {"adam": 2, "rmsprop": 1, "sgd": 0}
BYTES = 4  # of a float32

# Where the seconds of a training go, as seen on two cores. Only their proportions count here: a
# finished run says how fast its machine is. A small batch costs its own handling, a short epoch
# its beginning and end, and a short run the building of TensorFlow's graph.
START = 0.6
PER_EPOCH = 0.1
PER_BATCH = 0.0013
PER_MULTIPLICATION = 1e-10

# Another machine misleads about as much as a network with four times the multiplications.
ELSEWHERE = 2.0


@dataclass(frozen=True)
class Memory:
    """How many numbers a training holds at once, at the least.

    Attributes:
        weights: the parameters; there are as many gradients.
        optimizer: how the optimizer is called; see ``SLOTS``.
        batch_size: digits in a batch.
        activations: values in the forward pass of one digit, the input among them.
    """

    weights: int
    optimizer: str
    batch_size: int
    activations: int

    @property
    def numbers(self) -> int:
        return self.weights * (2 + SLOTS[self.optimizer]) + self.batch_size * self.activations

    @property
    def megabytes(self) -> float:
        """In units of a million bytes.

        >>> Memory(weights=1000, optimizer="adam", batch_size=100, activations=210).megabytes
        0.1
        """
        return self.numbers * BYTES / 1e6

    @property
    def arithmetic(self) -> str:
        """
        >>> Memory(weights=1000, optimizer="adam", batch_size=100, activations=210).arithmetic
        '1,000 weights + 1,000 gradients + 2×1,000 for adam + 100×210 activations of a batch = \
25,000 numbers of 4 bytes'
        """
        parts = [f"{self.weights:,} weights", f"{self.weights:,} gradients"]
        if slots := SLOTS[self.optimizer]:
            parts.append(f"{slots}×{self.weights:,} for {self.optimizer}")
        parts.append(f"{self.batch_size}×{self.activations:,} activations of a batch")
        return f"{' + '.join(parts)} = {self.numbers:,} numbers of {BYTES} bytes"


def memory(spec: RunSpec) -> Memory:
    """What a training holds at once: weights, gradients, the optimizer's, one batch.

    Raises:
        SpecError: the layers do not fit each other.
    """
    activations = sum(math.prod(shape) for shape in spec.network.shapes)
    return Memory(spec.network.parameters, spec.optimizer, spec.batch_size, activations)


@dataclass(frozen=True)
class Estimate:
    """How long a training will take, and the finished run that says so."""

    seconds: float
    judged_by: Summary


def estimate(
    spec: RunSpec, summaries: Iterable[Summary], made_here: Container[str] = ()
) -> Estimate | None:
    """How long a training will take, judging by the finished run that is most like it.

    A run of the same network is the most alike; then it counts how near the multiplications and
    the batch size are, each doubling as one step, and whether it ran on this machine. Its
    seconds are scaled by the work, with a floor for each batch.

    Args:
        spec: what is to be trained.
        summaries: finished runs; of two that are as much alike the first is taken.
        made_here: the digests of those that were made on this machine.

    Returns:
        ``None`` where there is no finished run to judge by.
    """

    def unlike(run: Summary) -> tuple[bool, float]:
        away = 0.0 if run.spec.digest in made_here else ELSEWHERE
        return run.spec.network != spec.network, _steps(run.spec, spec) + away

    timed = (run for run in summaries if run.seconds > 0)
    closest = min(timed, key=unlike, default=None)
    if closest is None:
        return None
    return Estimate(closest.seconds * _cost(spec) / _cost(closest.spec), closest)


def _steps(one: RunSpec, other: RunSpec) -> float:
    """How many doublings lie between two runs, in multiplications a digit and in batch size."""
    work = math.log2(one.network.multiplications / other.network.multiplications)
    return abs(work) + abs(math.log2(one.batch_size / other.batch_size))


def _cost(spec: RunSpec) -> float:
    """The seconds that a training takes on the machine of the constants above."""
    batches = spec.epochs * spec.batches
    floors = START + PER_EPOCH * spec.epochs + PER_BATCH * batches
    return floors + PER_MULTIPLICATION * spec.work


def told(spec: RunSpec, found: Estimate, name: str, here: bool) -> str:
    """An estimate in words.

    Args:
        spec: what is to be trained.
        found: how long it will take.
        name: what the run is called by which it is judged.
        here: whether that one ran on this machine.
    """
    judge = found.judged_by
    where = "" if here else " on the machine that made it"
    return (
        f"about {duration(found.seconds)}, judging by «{name}» ({judge.seconds:.1f} s{where}, "
        f"for {_times(judge.spec.work / spec.work)})"
    )


def _times(ratio: float) -> str:
    """
    >>> _times(1.004), _times(0.0134), _times(123.4)
    ('as many multiplications', '0.013 times the multiplications', '123 times the multiplications')
    >>> _times(20.96), _times(1.25)
    ('21 times the multiplications', '1.2 times the multiplications')
    """
    if math.isclose(ratio, 1, abs_tol=0.05):
        return "as many multiplications"
    number = f"{ratio:.2g}" if ratio < 100 else f"{ratio:,.0f}"
    return f"{number} times the multiplications"


def duration(seconds: float) -> str:
    """A stretch of time as one says it.

    >>> duration(0.2), duration(89.6), duration(150)
    ('1 s', '90 s', '2 min')
    """
    return f"{max(1, round(seconds))} s" if seconds <= 90 else f"{round(seconds / 60)} min"
