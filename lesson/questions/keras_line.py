"""A typed line of Python, read without running it, so that lines that say the same are equal.

``Dense(32, activation="relu")``, ``layers.Dense(units=32, activation='relu')`` and
``model.add(Dense(32, 'relu'))`` are one line.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, fields
from functools import lru_cache

from lesson.checks import SpecError
from lesson.errors import LessonError
from lesson.layers import LAYERS, Layer

# The names that may stand with or without their module, by the module.
_HOMES = {
    "layers.": {*LAYERS, "Input", "Reshape", "Activation"},
    "utils.": {"to_categorical"},
    "": {"Sequential", "Input"},
}
_KERAS = ("tf.keras.", "keras.", "")
# How many values Keras takes in the order in which the lesson's layers have them.
_IN_ORDER = {"Conv2D": 4, "Dense": 2}


class LineError(LessonError):
    """A line that cannot be read; the message says why and what to do."""


def code(typed: str) -> str:
    """What a reader typed as code in Markdown, which nothing in it can end.

    >>> code("Dense(10)"), code("'`' + x")
    ('`Dense(10)`', "`` '`' + x ``")
    """
    line = " ".join(typed.split())
    longest = max(map(len, re.findall("`+", line)), default=0)
    return f"{'`' * (longest + 1)} {line} {'`' * (longest + 1)}" if longest else f"`{line}`"


@dataclass(frozen=True)
class Line:
    """What a line says.

    Attributes:
        layer: the layer that it makes, with Keras's defaults filled in; ``None`` for other lines.
        text: any other line, written in one way.
    """

    layer: Layer | None = None
    text: str = ""

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, source: str) -> Line:
        """Read a line.

        Raises:
            LineError: it is no line of Python, or a layer that cannot be.

        >>> Line.of("model.add(Dense(32, 'relu'))").layer
        Dense(units=32, activation='relu')
        >>> Line.of("x_train/255") == Line.of(" x_train / 255. ")
        True
        """
        text = source.strip().rstrip(",")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what Python says of odd literals is not for here
                body = ast.parse(text, mode="exec").body
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            reason = getattr(error, "msg", None) or "too deep or not text"
            raise LineError(
                f"This is not a line of Python ({reason}). Check brackets, commas and quotes."
            ) from None
        if len(body) != 1:
            raise LineError(f"One line is missing here, but these are {len(body)}.")
        node: ast.AST = body[0]
        if isinstance(node, ast.Expr):
            node = _within_add(node.value)
        if isinstance(node, ast.Call) and (name := _name(node.func)) in LAYERS:
            return cls(layer=_layer(name, node))
        return cls(text=_written(node))


def _within_add(node: ast.expr) -> ast.expr:
    """What ``model.add(...)`` adds; anything else as it is."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "add"
        and len(node.args) == 1
        and not node.keywords
    ):
        return node.args[0]
    return node


def _name(node: ast.expr) -> str:
    """A dotted name without the module in front of it; empty if it is none."""
    if not isinstance(node, ast.Name | ast.Attribute):
        return ""
    dotted = ast.unparse(node)
    for keras in _KERAS:
        for home, names in _HOMES.items():
            module, name = f"{keras}{home}", dotted.removeprefix(f"{keras}{home}")
            if dotted.startswith(module) and name in names:
                return name
    return dotted


def _layer(name: str, call: ast.Call) -> Layer:
    kind = LAYERS[name]
    known = [field.name for field in fields(kind)]
    values: dict[str, object] = {}
    in_order = known[: _IN_ORDER.get(name, len(known))]
    if len(call.args) > len(in_order):
        raise LineError(
            f"{name} takes at most {len(in_order)} values without their names here: "
            f"{', '.join(in_order) or 'none'}."
        )
    given = [*zip(known, call.args, strict=False)]
    given += [(keyword.arg or "**", keyword.value) for keyword in call.keywords]
    for argument, node in given:
        if argument == "input_shape":  # older Keras: the first layer may say what comes in
            continue
        if argument not in known:
            raise LineError(
                f"{name} has no {argument} here. It has {', '.join(known) or 'nothing to set'}."
            )
        if argument in values:
            raise LineError(f"{name}: {argument} is given twice.")
        values[argument] = _plain(name, argument, node)
    try:
        return kind(**values)
    except (SpecError, TypeError) as error:
        missing = [f.name for f in fields(kind) if f.name not in values]
        if isinstance(error, SpecError):
            raise LineError(str(error)) from None
        raise LineError(f"{name} needs a value for {missing[0]}.") from None


def _plain(name: str, argument: str, node: ast.expr) -> object:
    """The value of a literal; a square window may be given as two equal sides."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise LineError(
            f"{name}: {argument} must be a number or a word in quotes, "
            f"but it is {code(ast.unparse(node)[:60])}."
        ) from None
    if isinstance(value, tuple) and len(value) == 2 and value[0] == value[1]:
        return value[0]
    return value


class _Plainer(ast.NodeTransformer):
    """Names without their modules, named values by their names, whole numbers without a point."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        name = _name(node)
        if name and "." not in name:
            return ast.Name(name)
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        node.keywords.sort(key=lambda keyword: keyword.arg or "")
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        value = node.value
        if isinstance(value, float) and value.is_integer():
            return ast.Constant(int(value))
        return node


def _written(node: ast.AST) -> str:
    try:
        return ast.unparse(_Plainer().visit(node))
    except (RecursionError, ValueError):
        raise LineError("This line is too long to be read.") from None
