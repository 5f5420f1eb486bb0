"""What a spec may hold: checks whose messages name the rule, the value and the way out."""

from __future__ import annotations

from typing import Any

from lesson.errors import LessonError


class SpecError(LessonError):
    """A layer, network or run that cannot be; the message says why and what to change."""


def shown(value: Any) -> str:
    """A value as a message shows it, cut short if it is long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # more digits, or deeper, than Python writes out
        return f"{type(value).__name__} too large to show"
    return text if len(text) <= 100 else f"{text[:99]}…"


def whole(owner: str, name: str, value: Any, low: int, high: int) -> None:
    """Raise SpecError unless ``value`` is an integer from ``low`` to ``high``, both included."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise SpecError(
            f"{owner}: {name} must be a whole number from {low:,} to {high:,}, "
            f"but it is {shown(value)}."
        )


def one_of(owner: str, name: str, value: Any, allowed: tuple[str, ...]) -> None:
    """Raise SpecError unless ``value`` is one of the allowed words."""
    if value not in allowed:
        choices = ", ".join(allowed)
        raise SpecError(f"{owner}: {name} must be one of {choices}, but it is {shown(value)}.")


def number(owner: str, name: str, value: Any, low: float, high: float) -> None:
    """Raise SpecError unless ``value`` is a number from ``low`` to ``high``, both included."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise SpecError(
            f"{owner}: {name} must be a number from {low} to {high}, but it is {shown(value)}."
        )


def truth(owner: str, name: str, value: Any) -> None:
    """Raise SpecError unless ``value`` is True or False."""
    if not isinstance(value, bool):
        raise SpecError(f"{owner}: {name} must be True or False, but it is {shown(value)}.")
