"""What is a plan asked to prefer? Named profiles of weights, from TOML files.

The bundled profiles lie beside this module; an installation puts its own into the folder
`profiles` of its data, where a file of a bundled name takes its place.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from carecoord.errors import CareError, Invalid, Missing
from carecoord.planning.problem import Costs
from solver import MAX_COST, Weights
from solver.check import RULES

BUNDLED = Path(__file__).with_name("profiles")
STANDARD = "standard"
FOLDER = "profiles"
"""Folder of an installation's own profiles, inside its data."""

Severity = Literal["hard", "medium", "soft"]

HARD = (
    "served",
    "routes",
    "windows",
    "pins",
    "skills",
    "allowed",
    "together",
    "links",
    "apart",
    "hours",
    "breaks",
    "travel",
    "duration",
    "goods",
)
"""Rules that no plan may break, as `solver.check` names them."""

DRIVEN_BY: dict[str, tuple[str, ...]] = {
    "unserved": ("unserved_mandatory", "unserved_optional", "unserved_due"),
    "overtime": ("overtime",),
    "late": ("late",),
    "early": ("early",),
    "largest_late": ("largest_late",),
    "travel": ("travel",),
    "waiting": ("waiting",),
    "staff": (),
    "continuity": ("continuity", "other_carer"),
    "preference": (
        "preference",
        "above_level",
        "other_gender",
        "other_language",
        "other_organization",
        "chosen_carer",
    ),
    "area": ("outside_area",),
    "duty": (),
    "distance": (),
    "load": ("load",),
    "hard": ("hard",),
    "change": ("change_carer", "change_start", "change_dropped"),
}
"""Rule of cost → names of the weights that say what it costs."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_TEXTS = ("title", "description")
_LANGUAGES = ("zh", "en")
_TABLES = (*_TEXTS, "weights", "costs")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of plans and the weights that move it; hard rules have none."""

    name: str
    severity: Severity
    weights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of weights.

    title, description
        By language, `zh` and `en`.
    site
        From the installation's own folder.
    """

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    weights: Weights
    costs: Costs
    site: bool = False

    def numbers(self) -> dict[str, int]:
        """Every weight by name, those of the solver first."""
        return asdict(self.weights) | asdict(self.costs)


@dataclass(frozen=True, slots=True)
class Shelf:
    """All profiles of an installation; `broken`: files that cannot be used, with the reason."""

    profiles: tuple[Profile, ...]
    broken: Mapping[str, CareError]


def profile(name: str = STANDARD, data: Path | None = None) -> tuple[Weights, Costs]:
    """Weights for the solver and costs for the problem; see `read`."""
    found = read(name, data)
    return found.weights, found.costs


def read(name: str = STANDARD, data: Path | None = None) -> Profile:
    """One profile by its name.

    data
        Data folder of the installation; bundled profiles only if left out.

    Raises
    ------
    Missing
        `profile.none`, with the names that there are.
    Invalid
        The file is wrong, as `parse` says.
    """
    if _NAME.fullmatch(name):
        for folder in _folders(data):
            file = folder / f"{name}.toml"
            if file.is_file():
                return _of_file(file, site=folder != BUNDLED)
    known = ", ".join(sorted(_files(data)))
    raise Missing("profile.none", field="profile", profile=name, known=known)


def every(data: Path | None = None) -> Shelf:
    """All profiles, the standard one first; a broken file hides none of the others."""
    found: list[Profile] = []
    broken: dict[str, CareError] = {}
    for name in sorted(_files(data), key=lambda n: (n != STANDARD, n)):
        try:
            found.append(read(name, data))
        except CareError as caught:
            broken[name] = caught
    return Shelf(tuple(found), broken)


def changed(given: Profile, single: Mapping[str, int]) -> Profile:
    """A profile with single weights of a request in place of its own.

    Raises
    ------
    Invalid
        `profile.key` or `profile.value`; `field` is `/weights/NAME`.
    """
    for name, value in single.items():
        if name not in known_weights():
            raise _unknown(f"/weights/{name}", name, known_weights())
        _refuse_value(f"/weights/{name}", name, value)
    of_solver = {name: value for name, value in single.items() if name in _names(Weights)}
    of_problem = {name: value for name, value in single.items() if name in _names(Costs)}
    return replace(
        given,
        weights=replace(given.weights, **of_solver),
        costs=replace(given.costs, **of_problem),
    )


def asked(options: Mapping[str, Any], data: Path | None = None) -> tuple[Weights, Costs]:
    """Weights and costs of a run: its `profile`, with its single `weights` in place."""
    found = changed(read(options.get("profile", STANDARD), data), options.get("weights", {}))
    return found.weights, found.costs


def rules() -> tuple[Rule, ...]:
    """Every rule of plans: hard ones, then what stays undone, then what is weighed."""
    medium = [Rule("unserved", "medium", DRIVEN_BY["unserved"])]
    soft = [Rule(name, "soft", DRIVEN_BY.get(name, ())) for name in RULES if name != "unserved"]
    return (*(Rule(name, "hard") for name in HARD), *medium, *soft)


def known_weights() -> tuple[str, ...]:
    """Names of all weights, those of the solver first."""
    return (*_names(Weights), *_names(Costs))


def parse(text: str, name: str, *, site: bool = True) -> Profile:
    """A profile from TOML.

    Raises
    ------
    Invalid
        The first of `findings`.
    """
    found = findings(text, name)
    if found:
        raise found[0]
    tables = tomllib.loads(text)
    return Profile(
        name=name,
        title=dict(tables["title"]),
        description=dict(tables["description"]),
        weights=Weights(**tables.get("weights", {})),
        costs=Costs(**tables.get("costs", {})),
        site=site,
    )


def findings(text: str, name: str) -> list[Invalid]:
    """Everything wrong with a profile, in the order of the file.

    Returns
    -------
    list
        `profile.name`, `profile.toml`, `profile.table`, `profile.key`, `profile.text`,
        `profile.value`; `field` is `TABLE.KEY`.
    """
    wrong: list[Invalid] = []
    if not _NAME.fullmatch(name):
        wrong.append(Invalid("profile.name", field="name", name=name))
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        return [*wrong, Invalid("profile.toml", field=name, reason=str(fault))]
    wrong += [_unknown(key, key, _TABLES) for key in tables if key not in _TABLES]
    for table, keys in (
        *((one, _LANGUAGES) for one in _TEXTS),
        ("weights", _names(Weights)),
        ("costs", _names(Costs)),
    ):
        wrong += _of_table(table, tables.get(table, {}), keys)
    return wrong


def _of_table(table: str, given: Any, keys: tuple[str, ...]) -> list[Invalid]:
    if not isinstance(given, dict):
        return [Invalid("profile.table", field=table, table=table)]
    wrong = [_unknown(f"{table}.{key}", key, keys) for key in given if key not in keys]
    if table in _TEXTS:
        return wrong + [
            Invalid("profile.text", field=f"{table}.{key}", language=key)
            for key in keys
            if not isinstance(given.get(key), str) or not str(given[key]).strip()
        ]
    for key in given:
        try:
            if key in keys:
                _refuse_value(f"{table}.{key}", key, given[key])
        except Invalid as caught:
            wrong.append(caught)
    return wrong


def _unknown(field: str, key: str, known: tuple[str, ...]) -> Invalid:
    return Invalid("profile.key", field=field, key=key, known=", ".join(known))


def _refuse_value(field: str, key: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COST:
        raise Invalid("profile.value", field=field, key=key, value=str(value), most=MAX_COST)


def _names(of: type[Weights] | type[Costs]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(of))


def _folders(data: Path | None) -> list[Path]:
    return [BUNDLED] if data is None else [data / FOLDER, BUNDLED]


def _files(data: Path | None) -> set[str]:
    return {file.stem for folder in _folders(data) for file in folder.glob("*.toml")}


def _of_file(file: Path, *, site: bool) -> Profile:
    if not site:
        return _bundled(file.stem)
    return parse(_text(file), file.stem)


@cache
def _bundled(name: str) -> Profile:
    return parse(_text(BUNDLED / f"{name}.toml"), name, site=False)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as caught:
        raise Invalid("profile.unreadable", field=file.name, file=file.name) from caught
