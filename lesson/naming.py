"""Short names for runs, and what one does otherwise than another, in Keras's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise

from lesson.layers import AveragePooling2D, Conv2D, Dense, Dropout, MaxPooling2D
from lesson.specs import NOTEBOOK_RUNS, NetworkSpec, RunSpec

# Beyond so many differences a name is no longer short.
MAX_DIFFERENCES = 4
# What fits beside a bar in half a page.
MAX_LABEL = 22


def features(network: NetworkSpec) -> dict[str, str]:
    """What tells two networks of a kind apart, in Keras's words; the ten answers left out.

    >>> features(NOTEBOOK_RUNS["Feedforward"].network)
    {'units': 'units 128-32', 'activation': 'activation relu', 'dropout': 'no dropout'}
    """
    convolutions = [layer for layer in network.layers if isinstance(layer, Conv2D)]
    pools = [x for x in network.layers if isinstance(x, MaxPooling2D | AveragePooling2D)]
    hidden = [layer for layer in network.layers if isinstance(layer, Dense)][:-1]
    found = {}
    if convolutions:
        found["filters"] = "filters " + _each(layer.filters for layer in convolutions)
        for name in ("kernel_size", "strides", "padding", "dilation_rate"):
            found[name] = f"{name} " + _merged(getattr(layer, name) for layer in convolutions)
        found["pooling"] = f"{_merged(_poolings(network))} pooling"
        if pools:
            found["pool_size"] = "pool_size " + _merged(pool.pool_size for pool in pools)
    found["units"] = (
        f"units {_each(layer.units for layer in hidden)}" if hidden else "no hidden layer"
    )
    if activations := [x.activation for x in convolutions] + [x.activation for x in hidden]:
        found["activation"] = f"activation {_merged(activations)}"
    rates = [layer.rate for layer in network.layers if isinstance(layer, Dropout)]
    found["dropout"] = f"dropout {_merged(rates)}" if any(rates) else "no dropout"
    return found


def _poolings(network: NetworkSpec) -> list[str]:
    """What follows each convolution."""
    layers = [*network.layers, None]
    return [
        "max"
        if isinstance(behind, MaxPooling2D)
        else "average"
        if isinstance(behind, AveragePooling2D)
        else "no"
        for layer, behind in pairwise(layers)
        if isinstance(layer, Conv2D)
    ]


def _each(values: Iterable[object]) -> str:
    return "-".join(str(value) for value in values)


def _merged(values: Iterable[object]) -> str:
    """The one value that all layers share, else the value of each.

    >>> _merged([3, 3]), _merged([3, 3, 5])
    ('3', '3-3-5')
    """
    texts = [str(value) for value in values]
    return texts[0] if len(set(texts)) == 1 else _each(texts)


def family(network: NetworkSpec) -> str:
    """The notebook's network that a network is most like."""
    own = features(network)

    def unlike(name: str) -> int:
        other = features(NOTEBOOK_RUNS[name].network)
        # Whether there are filters at all is what decides first.
        return 100 * (("filters" in own) != ("filters" in other)) + len(_changed(own, other))

    return min(NOTEBOOK_RUNS, key=unlike)


def _changed(own: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return [text for name, text in own.items() if other.get(name) != text]


def differences(spec: RunSpec, base: RunSpec) -> list[str]:
    """What ``spec`` does otherwise than ``base``, each in one or two words.

    >>> from dataclasses import replace
    >>> differences(replace(NOTEBOOK_RUNS["CNN 1"], seed=7, epochs=2), NOTEBOOK_RUNS["CNN 1"])
    ['epochs 2', 'seed 7']
    """
    found = _changed(features(spec.network), features(base.network))
    if spec.optimizer != base.optimizer:
        found.append(spec.optimizer)
    if spec.learning_rate != base.learning_rate:
        found.append(f"learning_rate {spec.learning_rate:g}")
    if spec.batch_size != base.batch_size:
        found.append(f"batch_size {spec.batch_size}")
    if spec.epochs != base.epochs:
        found.append(f"epochs {spec.epochs}")
    if spec.training_digits != base.training_digits:
        found.append(f"{spec.training_digits:,} digits")
    if spec.scaled != base.scaled:
        found.append("pixels scaled" if spec.scaled else "pixels not scaled")
    if spec.shuffled_labels != base.shuffled_labels:
        found.append("labels shuffled" if spec.shuffled_labels else "labels as they are")
    if spec.validation_split != base.validation_split:
        found.append(f"validation_split {spec.validation_split:g}")
    if spec.seed != base.seed:
        found.append(f"seed {spec.seed}")
    return found


@lru_cache(maxsize=1000)
def name(spec: RunSpec) -> str:
    """A short name: the notebook's run that is most like this one, and what differs from it.

    >>> from dataclasses import replace
    >>> name(NOTEBOOK_RUNS["CNN 2"]), name(replace(NOTEBOOK_RUNS["CNN 2"], seed=43))
    ('CNN 2', 'CNN 2 · seed 43')
    """
    like = family(spec.network)
    found = differences(spec, NOTEBOOK_RUNS[like])
    if len(found) > MAX_DIFFERENCES:
        found = [*found[: MAX_DIFFERENCES - 1], f"{len(found) - MAX_DIFFERENCES + 1} more"]
    return " · ".join([like, *found])


def names(specs: Iterable[RunSpec]) -> dict[str, str]:
    """A name for each digest, no two the same: where short names agree, the digest decides."""
    chosen = {spec.digest: spec for spec in specs}
    short = {digest: name(spec) for digest, spec in chosen.items()}
    notebook = {spec.digest for spec in NOTEBOOK_RUNS.values()}
    often = Counter(short.values())
    return {
        digest: text if often[text] == 1 or digest in notebook else f"{text} · {digest[:6]}"
        for digest, text in short.items()
    }


def labels(called: Iterable[str]) -> dict[str, str]:
    """What stands for each name where there is little room: itself, or a letter if it is long.

    >>> labels(["CNN 1", "CNN 1 · filters 8 · kernel_size 5"])
    {'CNN 1': 'CNN 1', 'CNN 1 · filters 8 · kernel_size 5': 'Run A'}
    """
    letters = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return {
        name: name if len(name) <= MAX_LABEL else f"Run {next(letters)}"
        for name in dict.fromkeys(called)
    }
