"""Which definitions hold here: those of the package, and those that were sent to this server?"""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

from carecoord.store import documents, lookup
from carecoord.store.criteria import Query
from carecoord.store.engine import Tx
from fhir_profiles import check
from fhir_profiles.check import Finding, Rules
from fhir_profiles.definitions import Definitions, own, own_terms, standard
from fhir_profiles.profile import UnusableError, compact
from fhir_profiles.terms import Terms
from fhir_profiles.wire import Json

KINDS = ("StructureDefinition", "ValueSet", "CodeSystem")
"""Types of resource that change what a check knows."""


class Known(NamedTuple):
    """Definitions, and the value sets and code systems behind them."""

    definitions: Definitions
    terms: Terms


_UNKNOWN = frozenset({"fhir.profile_unknown", "fhir.extension_unknown", "fhir.modifier_unknown"})
_KEPT = 4
_cache: OrderedDict[tuple[str, str], Known] = OrderedDict()
_lock = Lock()


class Judge:
    """Judges resources in one transaction, by the definitions that hold in it."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._known: Known | None = None

    def findings(
        self, resource: Json, *, profiles: Sequence[str] = (), rules: Rules = check.RECEIVER
    ) -> list[Finding]:
        """Everything that is wrong with a resource."""
        found = check.findings(resource, profiles=profiles, rules=rules)
        # Most resources keep to what the package knows; only for others is the store asked.
        if not any(f.code in _UNKNOWN for f in found):
            return found
        if self._known is None:
            self._known = current(self._tx)
        definitions = self._known.definitions
        if definitions is standard():
            return found
        return check.findings(resource, profiles=profiles, definitions=definitions, rules=rules)


def findings(
    tx: Tx, resource: Json, *, profiles: Sequence[str] = (), rules: Rules = check.RECEIVER
) -> list[Finding]:
    """Everything that is wrong with one resource, by the definitions that hold here."""
    return Judge(tx).findings(resource, profiles=profiles, rules=rules)


def current(tx: Tx) -> Known:
    """The definitions that hold in this transaction; made once for each state of the store."""
    key = (str(tx.engine.url), lookup.stamp(tx, KINDS))
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    made = _load(tx)
    with _lock:
        _cache[key] = made
        while len(_cache) > _KEPT:
            _cache.popitem(last=False)
    return made


def _load(tx: Tx) -> Known:
    found = [d.resource for d in documents.select_all(tx, Query(KINDS))]
    if not found:
        return Known(standard(), own_terms())
    sent = (r for r in found if r["resourceType"] != "StructureDefinition")
    terms = Terms([*own(), *sent])
    usable = [r for r in found if r["resourceType"] == "StructureDefinition" and _is_usable(r)]
    codes = {url: c for url in terms.sets if (c := terms.codes(url)) is not None}
    return Known(standard().extended(usable, codes), terms)


def _is_usable(definition: Json) -> bool:
    """Whether a profile can be checked against: logical models and the like are only kept."""
    if definition.get("derivation") != "constraint":
        return False
    try:
        compact(definition)
    except UnusableError:
        return False
    return True
