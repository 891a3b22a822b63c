"""Functions of FHIRPath that take expressions, such as `where` and `all`, or ask the scope."""

from collections.abc import Callable

from fhir_profiles.fhirpath.scope import Compiled, Scope
from fhir_profiles.fhirpath.values import Items, UnknownError, truth


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


TAKING: dict[str, Callable[[tuple[Compiled, ...]], Compiled]] = {
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
