"""What is the value of a FHIRPath expression on raw FHIR JSON?"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from fhir_profiles.fhirpath import functions as known
from fhir_profiles.fhirpath.parse import Node, SyntaxFaultError, parse
from fhir_profiles.fhirpath.values import (
    Items,
    UnknownError,
    equal,
    is_type,
    less,
    member,
    navigate,
    navigate_type,
    number,
    truth,
)


@dataclass(slots=True)
class Scope:
    """What an expression may refer to besides what it is asked about.

    resource
        `%resource`: the resource, or contained resource, that holds the focus.
    root
        `%rootResource`: the outermost one.
    resolve
        Finds the resource that a reference leads to; None where it cannot be had.
    member_of
        Whether a code, Coding or CodeableConcept is in a value set; None if not known.
    """

    resource: Any
    root: Any
    resolve: Callable[[str], Any] | None = None
    member_of: Callable[[Any, str], bool | None] | None = None
    focus: Any = None
    variables: dict[str, Any] = field(default_factory=dict)


Compiled = Callable[[Items, Scope], Items]

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
    special = _SPECIAL.get(name)
    if special is None:
        raise SyntaxFaultError(f"{name}() with {len(arguments)} arguments")
    return special(tuple(_compile(a) for a in arguments))


def _binary(node: Node) -> Compiled:
    _, operator, left_node, right_node = node
    left, right = _compile(left_node), _compile(right_node)
    if operator in _LOGIC:
        return _LOGIC[operator](left, right)
    act = _OPERATORS[operator]
    return lambda items, scope: act(left(items, scope), right(items, scope))


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
_LOGIC = {"and": _and, "or": _or, "xor": _xor, "implies": _implies}


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
    return known.distinct([*a, *b])


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

_OPERATORS: dict[str, Callable[[Items, Items], Items]] = {
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


def _where(arguments: tuple[Compiled, ...]) -> Compiled:
    (test,) = arguments
    return lambda items, scope: [i for i in items if truth(test([i], scope))]


def _select(arguments: tuple[Compiled, ...]) -> Compiled:
    (act,) = arguments
    return lambda items, scope: [r for i in items for r in act([i], scope)]


def _all(arguments: tuple[Compiled, ...]) -> Compiled:
    (test,) = arguments
    return lambda items, scope: [all(truth(test([i], scope)) for i in items)]


def _exists(arguments: tuple[Compiled, ...]) -> Compiled:
    (test,) = arguments
    return lambda items, scope: [any(truth(test([i], scope)) for i in items)]


def _iif(arguments: tuple[Compiled, ...]) -> Compiled:
    test, then, *otherwise = arguments

    def run(items: Items, scope: Scope) -> Items:
        if truth(test(items, scope)):
            return then(items, scope)
        return otherwise[0](items, scope) if otherwise else []

    return run


def _trace(_: tuple[Compiled, ...]) -> Compiled:
    return lambda items, _scope: items


def _resolve(_: tuple[Compiled, ...]) -> Compiled:
    def run(items: Items, scope: Scope) -> Items:
        found = []
        for item in items:
            text = item.get("reference", "") if isinstance(item, dict) else str(item)
            if text.startswith("#"):
                contained = scope.root.get("contained", ())
                found += [c for c in contained if c.get("id") == text[1:]]
            elif scope.resolve is not None and (there := scope.resolve(text)) is not None:
                found.append(there)
        return found

    return run


def _member_of(arguments: tuple[Compiled, ...]) -> Compiled:
    (url,) = arguments

    def run(items: Items, scope: Scope) -> Items:
        wanted = url(items, scope)
        if len(items) != 1 or not wanted:
            return []
        inside = scope.member_of(items[0], wanted[0]) if scope.member_of else None
        if inside is None:
            raise UnknownError
        return [inside]

    return run


def _repeat(arguments: tuple[Compiled, ...]) -> Compiled:
    (step,) = arguments

    def run(items: Items, scope: Scope) -> Items:
        found: Items = []
        level = items
        while level:
            level = step(level, scope)
            found += level
        return found

    return run


_SPECIAL: dict[str, Callable[[tuple[Compiled, ...]], Compiled]] = {
    "where": _where,
    "select": _select,
    "all": _all,
    "exists": _exists,
    "iif": _iif,
    "trace": _trace,
    "resolve": _resolve,
    "memberOf": _member_of,
    "repeat": _repeat,
}

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
