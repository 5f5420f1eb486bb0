"""Controls whose values outlive the page and stand in the address bar.

Streamlit binds a widget to the address (``bind="query-params"``) and keeps its value over
pages (``persist_state="session"``). What it does not do is done here, before the widget is
made: a value from the address is moved to the nearest valid one instead of being dropped, and
so is a kept value when its bounds have changed. A control whose value is valid costs one
look-up.

Defaults are left out of the address. A key is written ``page_control``; the controls of a list
end in a number, as ``feedforward_units_1``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

import streamlit as st

T = TypeVar("T")
Number = TypeVar("Number", int, float)

# A slider sends its stops to the browser on each run: beyond this, use ``number``.
MAX_STOPS = 1_000


def _settle(
    key: str, default: T, read: Callable[[str], T], write: Callable[[T], str], fit: Callable[[T], T]
) -> None:
    """Make sure that the widget about to be made finds a valid value under ``key``.

    ``read`` turns any text into a valid value, ``write`` gives the text that Streamlit reads
    back to it, ``fit`` moves a kept value into the present bounds.
    """
    if key in st.session_state:
        kept = st.session_state[key]
        fitting = fit(kept)
        if fitting != kept:
            st.session_state[key] = fitting
    elif texts := st.query_params.get_all(key):
        # Streamlit would drop a text that it does not like, or keep one between two stops.
        # So the address is corrected first, and the page starts again from a valid one.
        value = read(texts[-1])
        if texts != [write(value)]:
            if value == default:
                del st.query_params[key]
            else:
                st.query_params[key] = write(value)
            st.rerun()


def _stops(low: Number, high: Number, step: Number) -> list[Number]:
    """All values from ``low`` to ``high`` in steps of ``step``, without float dust.

    >>> _stops(1, 8, 3), _stops(0.0, 0.3, 0.1)
    ([1, 4, 7], [0.0, 0.1, 0.2, 0.3])
    """
    if not step > 0 or (high - low) / step > MAX_STOPS:
        raise ValueError(
            f"A slider needs a step above 0 and at most {MAX_STOPS:,} steps, but it goes from "
            f"{low} to {high} in steps of {step}. Use a larger step, or a number field."
        )
    count = math.floor((high - low) / step + 1e-9) + 1
    if isinstance(step, int):
        return [low + index * step for index in range(count)]
    return [round(low + index * step, 10) for index in range(count)]


def _nearest(value: float, stops: Sequence[Number]) -> Number:
    """The stop nearest to ``value``, the lower one of two.

    >>> _nearest(999, [1, 4, 7]), _nearest(-5, [1, 4, 7]), _nearest(4.2, [1, 4, 7])
    (7, 1, 4)
    """
    return min(stops, key=lambda stop: abs(stop - value))


def _number(text: str) -> float | None:
    """The finite number that ``text`` spells, if it does.

    >>> [_number(text) for text in ("5", "3.7", "abc", "nan", "1e999")]
    [5.0, 3.7, None, None, None]
    """
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def slider(
    label: str,
    key: str,
    min_value: Number,
    max_value: Number,
    default: Number,
    step: Number = 1,
    help: str | None = None,
) -> Number:
    """A slider that stops at ``min_value``, ``min_value + step``, and so on up to ``max_value``.

    The bounds may follow other controls: a value outside of them moves to the nearest stop.
    Where they leave no choice, the slider shows the only value and cannot be moved.
    """
    stops = _stops(min_value, max(min_value, max_value), step)
    default = _nearest(default, stops)

    def read(text: str) -> Number:
        value = _number(text)
        return default if value is None else _nearest(value, stops)

    def fit(kept: Number) -> Number:
        return kept if kept in stops else _nearest(kept, stops)

    _settle(key, default, read, str, fit)
    # A select_slider, since a plain slider becomes another widget when its bounds change,
    # and forgets its value.
    return cast(
        Number,
        st.select_slider(
            label,
            stops,
            default,
            key=key,
            help=help,
            disabled=len(stops) == 1,
            bind="query-params",
            persist_state="session",
        ),
    )


def number(
    label: str,
    key: str,
    min_value: Number,
    max_value: Number,
    default: Number,
    step: Number = 1,
    help: str | None = None,
) -> Number:
    """A field for a number between the bounds, for ranges too wide for a slider."""
    whole = isinstance(default, int)

    def fit(value: float) -> Number:
        value = min(max(value, min_value), max_value)
        return cast(Number, math.floor(value + 0.5) if whole else float(value))

    def read(text: str) -> Number:
        value = _number(text)
        return default if value is None else fit(value)

    default = fit(default)
    _settle(key, default, read, str, fit)
    # Going back to an address that says "inf" would stop Streamlit: unbound, it is forgotten.
    nonsense = any(_number(text) is None for text in st.query_params.get_all(key))
    return cast(
        Number,
        st.number_input(
            label,
            min_value,
            max_value,
            default,
            step,
            key=key,
            help=help,
            bind=None if nonsense else "query-params",
            persist_state="session",
        ),
    )


def _settle_choice(
    key: str, options: Sequence[T], default: T, format_func: Callable[[T], str]
) -> None:
    """Choices stand in the address as they are shown; their plain value is understood too."""

    def read(text: str) -> T:
        for option in options:
            if text in (format_func(option), str(option)):
                return option
        return default

    _settle(key, default, read, format_func, lambda kept: kept if kept in options else default)


def select(
    label: str,
    key: str,
    options: Sequence[T],
    default: T,
    format_func: Callable[[T], str] = str,
    help: str | None = None,
) -> T:
    """A list to choose one of ``options`` from; ``default`` must be among them."""
    _settle_choice(key, options, default, format_func)
    return cast(
        T,
        st.selectbox(
            label,
            options,
            options.index(default),
            format_func,
            key=key,
            help=help,
            bind="query-params",
            persist_state="session",
        ),
    )


def segmented(
    label: str,
    key: str,
    options: Sequence[T],
    default: T,
    format_func: Callable[[T], str] = str,
    help: str | None = None,
) -> T:
    """The options side by side, one of them chosen at any time."""
    _settle_choice(key, options, default, format_func)
    return cast(
        T,
        st.segmented_control(
            label,
            options,
            default=default,
            format_func=format_func,
            key=key,
            help=help,
            required=True,
            bind="query-params",
            persist_state="session",
        ),
    )


def toggle(label: str, key: str, default: bool = False, help: str | None = None) -> bool:
    """A switch."""
    texts = {"true": True, "false": False}
    _settle(
        key,
        default,
        read=lambda text: texts.get(text.lower(), default),
        write=lambda value: str(value).lower(),
        fit=bool,
    )
    return st.toggle(
        label, default, key=key, help=help, bind="query-params", persist_state="session"
    )
