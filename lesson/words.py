"""What the sentences are put together of."""

from __future__ import annotations

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """Words in a row, as they stand in a sentence.

    >>> listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('', 'a', 'a and b', 'a, b and c')
    """
    if not words:
        return ""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def sure(share: float) -> str:
    """A network's probability for its answer, as short as it can be said.

    Softmax is never quite certain, though its largest value may be rounded to 1.

    >>> sure(1.0), sure(0.98765), sure(0.00001)
    ('over 99.9%', '98.8%', 'under 0.1%')
    """
    if share > 0.9995:
        return "over 99.9%"
    return "under 0.1%" if share < 0.0005 else f"{share:.1%}"


def points(difference: float) -> str:
    """How far two shares lie apart.

    >>> points(-0.0123)
    '1.23 percentage points'
    """
    return f"{100 * abs(difference):.2f} percentage points"
