"""Which profiles, extensions and value sets are known to a check?"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from fhir_profiles.profile import Profile, compact, load
from fhir_profiles.structure import Codes, codes_of
from fhir_profiles.terms import Terms
from fhir_profiles.wire import Json

TABLES = ("profiles.json", "own.json")
"""Files of `data/` with compacted profiles, one list each: HL7's, and ours."""


@dataclass(frozen=True, slots=True)
class Definitions:
    """Definitions by canonical URL; `beyond` holds those that the published ones lack."""

    profiles: Mapping[str, Profile]
    codes: Mapping[str, Codes] = field(default_factory=dict)

    def profile(self, url: str) -> Profile | None:
        """The profile or extension of that URL, with or without version."""
        return self.profiles.get(url.partition("|")[0])

    def codes_of(self, url: str) -> Codes | None:
        """The codes of a value set; None if it is not known."""
        plain = url.partition("|")[0]
        return self.codes.get(plain) or codes_of(plain)

    def extended(self, structures: Iterable[Json], codes: Mapping[str, Codes]) -> "Definitions":
        """These and more: StructureDefinitions with snapshot, and value sets.

        Raises
        ------
        UnusableError
            A StructureDefinition cannot be checked against.
        """
        more = {s["url"]: load(compact(s)) for s in structures}
        return Definitions({**self.profiles, **more}, {**self.codes, **codes})


@cache
def standard() -> Definitions:
    """The definitions of HL7 and of this engine that come with the package."""
    folder = resources.files("fhir_profiles").joinpath("data")
    found: dict[str, Profile] = {}
    for name in TABLES:
        for compacted in json.loads(folder.joinpath(name).read_bytes()):
            found[compacted["url"]] = load(compacted)
    terms = own_terms()
    return Definitions(found, {url: c for url in terms.sets if (c := terms.codes(url))})


@cache
def own() -> tuple[Json, ...]:
    """Our profiles, extensions, value sets and code systems, as they are served."""
    folder = resources.files("fhir_profiles").joinpath("data", "own")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".json")), key=lambda f: f.name)
    return tuple(json.loads(f.read_bytes()) for f in files)


@cache
def own_terms() -> Terms:
    """Our value sets and code systems."""
    return Terms(r for r in own() if r["resourceType"] in ("ValueSet", "CodeSystem"))
