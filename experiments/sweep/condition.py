"""Conditions on factors, as in ``service >= 0.5 or outreach == 'none'``: read, never executed."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from experiments.mistakes import shown
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
        except (SyntaxError, ValueError) as error:
            said = f"found {shown(text)}, which cannot be read; allowed: {ALLOWED}"
            raise ValueError(said) from error
        except (RecursionError, MemoryError) as error:
            raise ValueError(self._too_deep()) from error
        try:
            self._check(self.tree)
        except RecursionError as error:
            raise ValueError(self._too_deep()) from error

    def __call__(self, values: Mapping[str, Any]) -> bool:
        """Does it hold? Raises ValueError where values cannot be compared or counted with."""
        try:
            return self._truth(self.tree, values)
        except RecursionError as error:
            raise ValueError(self._too_deep()) from error
        except (TypeError, ZeroDivisionError, OverflowError) as error:
            met = [f"{name} {_said(x)}" for name, x in values.items() if name in self.text]
            at = f" at {', '.join(met)}" * bool(met)
            raise ValueError(f"{shown(self.text)} has no answer{at}: {error}") from error

    def _too_deep(self) -> str:
        return f"found {shown(self.text)}; allowed: fewer parts within parts"

    def _truth(self, node: ast.AST, values: Mapping[str, Any]) -> bool:
        """What a part comes to that must hold or not."""
        found = self._value(node, values)
        if not isinstance(found, bool):
            raise TypeError(f"{_said(found)} neither holds nor not, as a comparison would")
        return found

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
                raise ValueError(f"found {shown(name)}, which is no factor{known}{close}")
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
                raise ValueError(f"found {shown(ast.unparse(node))}; allowed: {ALLOWED}")
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
                return all(self._truth(part, values) for part in node.values)
            case ast.BoolOp():
                return any(self._truth(part, values) for part in node.values)
            case ast.UnaryOp(op=ast.Not()):
                return not self._truth(node.operand, values)
            case ast.UnaryOp():
                return -_number(self._value(node.operand, values))
            case ast.BinOp():
                both = (_number(self._value(part, values)) for part in (node.left, node.right))
                return _ARITHMETIC[type(node.op)](*both)
            case ast.Compare():
                left = self._value(node.left, values)
                for op, right_node in zip(node.ops, node.comparators, strict=True):
                    right = self._value(right_node, values)
                    if not _compared(op, left, right):
                        return False
                    left = right
                return True
        return [self._value(part, values) for part in node.elts]


def _number(value: Any) -> Any:
    """The value, if it can be counted with: texts and lists could grow beyond all memory."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{_said(value)} cannot be counted with")
    return value


def _compared(op: ast.cmpop, left: Any, right: Any) -> bool:
    try:
        return bool(_COMPARE[type(op)](left, right))
    except TypeError as error:
        raise TypeError(f"{_said(left)} and {_said(right)} cannot be compared so") from error


def _said(value: Any) -> str:
    return "as in the base" if value is None else shown(value)
