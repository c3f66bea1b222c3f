"""Conditions on factors, as in ``service >= 0.5 or outreach == 'none'``: read, never executed."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.config.checks import suggestion

ALLOWED = "factors by name, numbers, 'text', + - * /, < <= > >= == != in, and, or, not"
_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


class Condition:
    """A condition on the values of factors; a factor that is as in the base has the value None."""

    def __init__(self, text: str, factors: Sequence[str]) -> None:
        """Raises ValueError for anything that is not a condition on these factors."""
        self.text, self.factors = text, factors
        try:
            self.tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ValueError(f"found {text!r}, which cannot be read; allowed: {ALLOWED}") from error
        self._check(self.tree)

    def __call__(self, values: Mapping[str, Any]) -> bool:
        """Does it hold? Raises ValueError where values cannot be compared or counted with."""
        try:
            return bool(self._value(self.tree, values))
        except (TypeError, ZeroDivisionError, OverflowError) as error:
            met = {name: value for name, value in values.items() if name in self.text}
            raise ValueError(f"{self.text!r} has no answer at {met}: {error}") from error

    def _name(self, node: ast.AST) -> str | None:
        """The dotted name that a node spells."""
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Attribute):
            before = self._name(node.value)
            return None if before is None else f"{before}.{node.attr}"
        return None

    def _check(self, node: ast.AST) -> None:
        name = self._name(node)
        if name is not None:
            if name not in self.factors:
                known = f"; allowed: {', '.join(self.factors)}"
                close = suggestion(name, list(self.factors))
                raise ValueError(f"found {name!r}, which is no factor{known}{close}")
            return
        match node:
            case ast.Constant(value=int() | float() | str() | bool() | None):
                parts: Sequence[ast.AST] = ()
            case ast.BoolOp():
                parts = node.values
            case ast.UnaryOp(op=ast.Not() | ast.USub()):
                parts = [node.operand]
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                parts = [node.left, node.right]
            case ast.Compare() if all(type(op) in _COMPARE for op in node.ops):
                parts = [node.left, *node.comparators]
            case ast.List() | ast.Tuple():
                parts = node.elts
            case _:
                found = ast.unparse(node)
                raise ValueError(f"found {found!r}; allowed: {ALLOWED}")
        for part in parts:
            self._check(part)

    def _value(self, node: Any, values: Mapping[str, Any]) -> Any:
        name = self._name(node)
        if name is not None:
            return values[name]
        match node:
            case ast.Constant():
                return node.value
            case ast.BoolOp(op=ast.And()):
                return all(self._value(part, values) for part in node.values)
            case ast.BoolOp():
                return any(self._value(part, values) for part in node.values)
            case ast.UnaryOp(op=ast.Not()):
                return not self._value(node.operand, values)
            case ast.UnaryOp():
                return -self._value(node.operand, values)
            case ast.BinOp():
                both = self._value(node.left, values), self._value(node.right, values)
                return _ARITHMETIC[type(node.op)](*both)
            case ast.Compare():
                left = self._value(node.left, values)
                for op, right_node in zip(node.ops, node.comparators, strict=True):
                    right = self._value(right_node, values)
                    if not _COMPARE[type(op)](left, right):
                        return False
                    left = right
                return True
        return [self._value(part, values) for part in node.elts]
