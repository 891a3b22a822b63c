"""The caller of a flow, and the one question asked before anything is done."""

from dataclasses import dataclass

from carecoord.errors import Forbidden
from carecoord.model.ids import StreetId

EVERY = "*"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    organization
        Id of the organisation they act for; empty for the engine itself.
    streets
        Streets they may see and plan; `*` = all.
    scopes
        Actions they may take, such as `day.write`; `*` = all.
    patient
        The only elder they may see, for a relative; empty = no such limit.
    """

    id: str
    organization: str = ""
    streets: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    patient: str = ""

    def covers(self, street: StreetId) -> bool:
        """Whether the street is one of theirs."""
        return EVERY in self.streets or street in self.streets


def everything(who: str) -> Caller:
    """A caller who may do everything, for the command line and a server without sign-in."""
    return Caller(id=who, streets=frozenset({EVERY}), scopes=frozenset({EVERY}))


_ANYWHERE = StreetId("")
"""The action concerns no single street."""


def require(caller: Caller, action: str, street: StreetId | None = _ANYWHERE) -> None:
    """Refuse unless `caller` may take `action`, and in `street`, where the action concerns one.

    street
        None: it concerns somebody whom no street plans for yet; only a caller of all streets may.

    Raises
    ------
    Forbidden
        `access.scope` or `access.street`.
    """
    if EVERY not in caller.scopes and action not in caller.scopes:
        raise Forbidden("access.scope", caller=caller.id, action=action)
    if street == _ANYWHERE or EVERY in caller.streets:
        return
    if street is None or not caller.covers(street):
        raise Forbidden("access.street", caller=caller.id, street=street or "-")
