"""Which weights may a plan be made and judged by, as this installation has them?"""

from collections.abc import Mapping
from pathlib import Path

from carecoord.access import Caller, require
from carecoord.planning import weights
from carecoord.planning.weights import Profile, Shelf


def every(caller: Caller, data: Path) -> Shelf:
    """All profiles of an installation, the standard one first."""
    require(caller, "policy.read")
    return weights.every(data)


def read(caller: Caller, data: Path, name: str, single: Mapping[str, int] | None = None) -> Profile:
    """One profile, with single weights of a request in place of its own.

    Raises
    ------
    Missing
        `profile.none`.
    Invalid
        `profile.key`, `profile.value`: a single weight is unknown or out of range.
    """
    require(caller, "policy.read")
    return weights.changed(weights.read(name, data), single or {})
