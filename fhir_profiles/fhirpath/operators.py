"""What do the operators of FHIRPath between two expressions yield?"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fhir_profiles.fhirpath.functions import distinct
from fhir_profiles.fhirpath.scope import Compiled, Scope
from fhir_profiles.fhirpath.values import Items, equal, less, member, number, truth


def _and(left: Compiled, right: Compiled) -> Compiled:
    def run(items: Items, scope: Scope) -> Items:
        a = truth(left(items, scope))
        if a is False:
            return _FALSE
        b = truth(right(items, scope))
        if b is False:
            return _FALSE
        return _TRUE if a and b else []

    return run


def _or(left: Compiled, right: Compiled) -> Compiled:
    def run(items: Items, scope: Scope) -> Items:
        a = truth(left(items, scope))
        if a:
            return _TRUE
        b = truth(right(items, scope))
        if b:
            return _TRUE
        return [] if a is None or b is None else _FALSE

    return run


def _xor(left: Compiled, right: Compiled) -> Compiled:
    def run(items: Items, scope: Scope) -> Items:
        a, b = truth(left(items, scope)), truth(right(items, scope))
        return [] if a is None or b is None else [a != b]

    return run


def _implies(left: Compiled, right: Compiled) -> Compiled:
    def run(items: Items, scope: Scope) -> Items:
        a = truth(left(items, scope))
        if a is False:
            return _TRUE
        b = truth(right(items, scope))
        if b:
            return _TRUE
        return [] if a is None or b is None else _FALSE

    return run


_TRUE: Items = [True]
_FALSE: Items = [False]
LOGIC = {"and": _and, "or": _or, "xor": _xor, "implies": _implies}
"""Operators that need not look at their right side."""


def _equals(a: Items, b: Items) -> Items:
    if not a or not b:
        return []
    return [len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))]


def _differs(a: Items, b: Items) -> Items:
    same = _equals(a, b)
    return [not same[0]] if same else []


def _compared(ask: Callable[[Any, Any], bool]) -> Callable[[Items, Items], Items]:
    return lambda a, b: [ask(a[0], b[0])] if len(a) == 1 and len(b) == 1 else []


def _united(a: Items, b: Items) -> Items:
    return distinct([*a, *b])


def _plus(a: Items, b: Items) -> Items:
    if not a or not b:
        return []
    if isinstance(a[0], str):
        return [a[0] + b[0]]
    return _ADD(a, b)


def _joined(a: Items, b: Items) -> Items:
    return ["".join(str(x) for x in (*a[:1], *b[:1]))]


def _counted(act: Callable[[Decimal, Decimal], Any]) -> Callable[[Items, Items], Items]:
    def run(a: Items, b: Items) -> Items:
        if not a or not b:
            return []
        try:
            made = act(number(a[0]), number(b[0]))
        except ArithmeticError:
            return []
        whole = type(a[0]) is int and type(b[0]) is int and made == int(made)
        return [int(made) if whole else made]

    return run


_ADD = _counted(lambda a, b: a + b)

OPERATORS: dict[str, Callable[[Items, Items], Items]] = {
    "=": _equals,
    "~": _equals,
    "!=": _differs,
    "!~": _differs,
    "<": _compared(less),
    ">": _compared(lambda a, b: less(b, a)),
    "<=": _compared(lambda a, b: not less(b, a)),
    ">=": _compared(lambda a, b: not less(a, b)),
    "|": _united,
    "in": lambda a, b: [member(a[0], b)] if a else [],
    "contains": lambda a, b: [member(b[0], a)] if b else [],
    "+": _plus,
    "&": _joined,
    "-": _counted(lambda a, b: a - b),
    "*": _counted(lambda a, b: a * b),
    "/": _counted(lambda a, b: a / b),
    "div": _counted(lambda a, b: int(a / b)),
    "mod": _counted(lambda a, b: a % b),
}
"""Operators on the values of both sides."""
