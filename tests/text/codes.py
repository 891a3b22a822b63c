"""Which message codes does the source tree use, and with which facts?"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("carecoord", "api", "fhir_profiles")
CODE = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)+")
NOT_FACTS = {"field"}
"""Keywords of the error classes that are no facts."""
TEMPLATE = re.compile(r"""\bt\("([a-z][^"]*[^".])"([^)]*)\)""")


@dataclass(frozen=True, slots=True)
class Use:
    """One place that gives a code.

    facts
        Names of the facts given there; None when they come from elsewhere.
    """

    code: str
    where: str
    facts: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Taker:
    """A function or class that takes a code.

    position
        Of the parameter `code`, `self` not counted.
    spread
        It takes the facts as `**facts`; else they stand in a mapping.
    told
        It takes facts at all; a class that only names a code does not.
    """

    position: int
    spread: bool
    told: bool = True


@cache
def trees(packages: tuple[str, ...] = PACKAGES) -> tuple[tuple[Path, ast.Module], ...]:
    """Every module of our packages."""
    return tuple(
        (file, ast.parse(file.read_text(encoding="utf-8")))
        for package in packages
        for file in sorted((ROOT / package).rglob("*.py"))
    )


def takers() -> dict[str, set[Taker]]:
    """Functions and classes with a parameter or field `code`, by name; two may share a name."""
    found: dict[str, set[Taker]] = defaultdict(set)
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [a.arg for a in node.args.args]
                if "code" in names:
                    bound = names[0] in ("self", "cls")
                    taker = Taker(names.index("code") - bound, node.args.kwarg is not None)
                    found[node.name].add(taker)
            elif isinstance(node, ast.ClassDef):
                fields = [
                    n.target.id
                    for n in node.body
                    if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
                ]
                if "code" in fields:
                    taker = Taker(fields.index("code"), spread=False, told="facts" in fields)
                    found[node.name].add(taker)
    for name in error_classes():
        found[name].add(Taker(0, spread=True))
    return found


def error_classes() -> set[str]:
    """CareError and what inherits from it, and the two small error types of the libraries."""
    known = {"CareError", "UnreadableError", "_Unreadable"}
    classes = [n for _, t in trees() for n in ast.walk(t) if isinstance(n, ast.ClassDef)]
    for _ in range(3):
        known |= {
            c.name for c in classes for b in c.bases if isinstance(b, ast.Name) and b.id in known
        }
    return known


@cache
def used() -> tuple[Use, ...]:
    """Every code that is written out in the source."""
    by_name = takers()
    return tuple(use for file, tree in trees() for use in _uses(file, tree, by_name))


@cache
def constants() -> frozenset[str]:
    """Every text that stands in the source as it is, tables of codes included."""
    return frozenset(
        node.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@cache
def beginnings() -> tuple[str, ...]:
    """What composed codes begin with: `f"place.{axis}"` begins with `place.`."""
    return tuple(
        sorted(
            {
                node.values[0].value
                for _, tree in trees()
                for node in ast.walk(tree)
                if isinstance(node, ast.JoinedStr)
                and isinstance(node.values[0], ast.Constant)
                and isinstance(node.values[0].value, str)
                and re.fullmatch(r"[a-z_]+\.([a-z_.-]+\.)?", node.values[0].value)
            }
        )
    )


def solver_codes() -> set[str]:
    """Codes with which the solver refuses a problem, as the child shows them."""
    return {
        f"solver.{node.args[0].value}"
        for _, tree in trees(("solver",))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and _name(node) == "ProblemError"
        and isinstance(node.args[0], ast.Constant)
    }


def _uses(file: Path, tree: ast.Module, by_name: dict[str, set[Taker]]) -> Iterator[Use]:
    for node in ast.walk(tree):
        where = f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call):
            for taker in by_name.get(_name(node), ()):
                for code in _codes(_argument(node, taker)):
                    yield Use(code, where, _facts(node, taker))
        elif isinstance(node, ast.Assign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Name) and t.id == "code" for t in targets):
                for code in _codes(node.value):
                    yield Use(code, where, None)


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _argument(call: ast.Call, taker: Taker) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == "code":
            return keyword.value
    return call.args[taker.position] if len(call.args) > taker.position else None


def _codes(value: ast.expr | None) -> list[str]:
    """Codes written out in an expression; the test of a condition is none."""
    match value:
        case None:
            return []
        case ast.Constant(value=str(text)):
            return [text] if CODE.fullmatch(text) else []
        case ast.IfExp(body=yes, orelse=no):
            return [*_codes(yes), *_codes(no)]
        case ast.Call(func=ast.Attribute(value=ast.Dict(values=values))):
            return [code for v in values for code in _codes(v)] + [
                code for a in value.args[1:] for code in _codes(a)
            ]
        case _:
            return []


def _facts(call: ast.Call, taker: Taker) -> frozenset[str] | None:
    # A set is added to by the same word as a finding; only findings come with facts.
    if not taker.told or (_name(call) == "add" and not call.keywords):
        return None
    if taker.spread:
        if any(keyword.arg is None for keyword in call.keywords):
            return None
        return frozenset(str(k.arg) for k in call.keywords) - NOT_FACTS
    given = [a for a in call.args if isinstance(a, ast.Dict)]
    keys = [k for a in given for k in a.keys]
    if len(given) != 1 or not all(isinstance(k, ast.Constant) for k in keys):
        return None
    return frozenset(str(k.value) for k in keys if isinstance(k, ast.Constant))


def templates() -> Iterator[Use]:
    """Codes that the pages say, with the facts they give."""
    for file in sorted((ROOT / "api" / "pages" / "templates").glob("*.html")):
        for found in TEMPLATE.finditer(file.read_text(encoding="utf-8")):
            given = frozenset(re.findall(r"(\w+)=", found[2]))
            yield Use(found[1], file.name, given)


def solver_facts() -> dict[str, frozenset[str]]:
    """Facts that every refusal of the solver with a code gives."""
    found: dict[str, frozenset[str]] = {}
    for _, tree in trees(("solver",)):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or _name(node) != "ProblemError":
                continue
            if not isinstance(node.args[0], ast.Constant):
                continue
            code = f"solver.{node.args[0].value}"
            facts = frozenset(str(k.arg) for k in node.keywords)
            found[code] = found.get(code, facts) & facts
    return found
