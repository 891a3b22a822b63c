"""What is the value of a FHIRPath expression on raw FHIR JSON?"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from fhir_profiles.fhirpath import functions as known
from fhir_profiles.fhirpath.operators import LOGIC, OPERATORS
from fhir_profiles.fhirpath.parse import Node, SyntaxFaultError, parse
from fhir_profiles.fhirpath.scope import Compiled, Scope
from fhir_profiles.fhirpath.taking import TAKING
from fhir_profiles.fhirpath.values import (
    Items,
    UnknownError,
    is_type,
    navigate,
    navigate_type,
    number,
    truth,
)

_CONSTANTS = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}


@lru_cache(maxsize=4096)
def compile_text(text: str) -> Compiled:
    """The function of an expression.

    Raises
    ------
    SyntaxFaultError
        Not FHIRPath, or a function that is not covered.
    """
    return _compile(parse(text))


def evaluate(text: str, focus: Any, scope: Scope | None = None) -> Items:
    """Items that an expression yields on one value."""
    return compile_text(text)([focus], scope or Scope(focus, focus, focus=focus))


def holds(compiled: Compiled, focus: Any, scope: Scope) -> bool:
    """Whether an invariant is kept; one that cannot be judged counts as kept."""
    scope.focus = focus
    try:
        return truth(compiled([focus], scope)) is True
    except (UnknownError, TypeError, ValueError, AttributeError, LookupError, RecursionError):
        # An expression may ask a number for its letters: that is no answer either.
        return True


def _compile(node: Node) -> Compiled:
    return _KINDS[node[0]](node)


def _path(node: Node) -> Compiled:
    name = node[1]
    if name[:1].isupper():
        # A type name at the beginning of an expression stands for the focus of that type.
        return lambda items, _: [i for i in items if is_type(i, name)]
    return lambda items, _: navigate(items, name)


def _literal(node: Node) -> Compiled:
    made = [node[1]]
    return lambda _items, _scope: made


def _variable(node: Node) -> Compiled:
    name = node[1]
    if name in _CONSTANTS:
        made = [_CONSTANTS[name]]
        return lambda _items, _scope: made
    if name == "resource":
        return lambda _, scope: [scope.resource]
    if name == "rootResource":
        return lambda _, scope: [scope.root]
    if name == "context":
        return lambda _, scope: [scope.focus]
    return lambda _, scope: [scope.variables[name]] if name in scope.variables else []


def _special(node: Node) -> Compiled:
    name = node[1]
    return lambda _, scope: [scope.variables[name]] if name in scope.variables else []


def _dot(node: Node) -> Compiled:
    left = _compile(node[1])
    _, _, right = node
    if right[0] == "path":
        name = right[1]
        return lambda items, scope: navigate(left(items, scope), name)
    if right[0] == "call" and right[1] in ("as", "ofType") and (wanted := _type_of(right[2][0])):
        return _typed(node[1], wanted)
    if right[0] == "call" and right[1] in known.WITH_VALUES and right[2]:
        # Arguments see what stands outside, not what the function is applied to.
        act, values = known.WITH_VALUES[right[1]], [_compile(a) for a in right[2]]
        return lambda items, scope: act(left(items, scope), [v(items, scope) for v in values])
    after = _compile(right)
    return lambda items, scope: after(left(items, scope), scope)


def _type_of(node: Node) -> str:
    if node[0] == "path":
        return str(node[1])
    if node[0] == "dot" and node[2][0] == "path":
        return str(node[2][1])
    return ""


def _typed(left: Node, wanted: str) -> Compiled:
    """Items of one type; the element of a choice tells its type by its name."""
    if left[0] == "path" and not left[1][:1].isupper():
        name = left[1]
        return lambda items, _: navigate_type(items, name, wanted)
    if left[0] == "dot" and left[2][0] == "path":
        before, name = _compile(left[1]), left[2][1]
        return lambda items, scope: navigate_type(before(items, scope), name, wanted)
    inner = _compile(left)
    return lambda items, scope: [i for i in inner(items, scope) if is_type(i, wanted)]


def _type(node: Node) -> Compiled:
    _, operator, left, wanted = node
    chosen = _typed(left, wanted)
    if operator == "as":
        return chosen
    plain = _compile(left)

    def ask(items: Items, scope: Scope) -> Items:
        return [bool(chosen(items, scope))] if plain(items, scope) else []

    return ask


def _item(node: Node) -> Compiled:
    left, at = _compile(node[1]), _compile(node[2])

    def pick(items: Items, scope: Scope) -> Items:
        place = at(items, scope)
        return left(items, scope)[place[0] :][:1] if place else []

    return pick


def _unary(node: Node) -> Compiled:
    inner = _compile(node[2])
    if node[1] == "+":
        return inner
    return lambda items, scope: [-number(i) for i in inner(items, scope)]


def _call(node: Node) -> Compiled:
    _, name, arguments = node
    if name in ("is", "as", "ofType") and len(arguments) == 1 and (w := _type_of(arguments[0])):
        return _type(("type", "is" if name == "is" else "as", ("this",), w))
    plain = known.PLAIN.get(name)
    if plain is not None and not arguments:
        return lambda items, _: plain(items)
    with_values = known.WITH_VALUES.get(name)
    if with_values is not None:
        values = [_compile(a) for a in arguments]
        return lambda items, scope: with_values(items, [v(items, scope) for v in values])
    special = TAKING.get(name)
    if special is None:
        raise SyntaxFaultError(f"{name}() with {len(arguments)} arguments")
    return special(tuple(_compile(a) for a in arguments))


def _binary(node: Node) -> Compiled:
    _, operator, left_node, right_node = node
    left, right = _compile(left_node), _compile(right_node)
    if operator in LOGIC:
        return LOGIC[operator](left, right)
    act = OPERATORS[operator]
    return lambda items, scope: act(left(items, scope), right(items, scope))


_KINDS: dict[str, Callable[[Node], Compiled]] = {
    "path": _path,
    "literal": _literal,
    "variable": _variable,
    "special": _special,
    "this": lambda _: lambda items, _scope: items,
    "empty": lambda _: lambda _items, _scope: [],
    "dot": _dot,
    "type": _type,
    "item": _item,
    "unary": _unary,
    "call": _call,
    "binary": _binary,
}
