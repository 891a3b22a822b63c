"""Has the person agreed that organisations share what they know?"""

from carecoord.errors import Conflict
from carecoord.fhir import read
from carecoord.model.ids import ElderId
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.store.engine import Tx

RULE = "privacy.sharing_consent"


def require_sharing(tx: Tx, elder: ElderId, rules: Rules) -> None:
    """Refuse when the person had agreed to share and no agreement is in force any more.

    Nobody's silence counts as a withdrawal: a person without any Consent is asked at the door.

    Raises
    ------
    Conflict
        `consent.withdrawn`.
    """
    if RULE not in rules or not rules.flag(RULE):
        return
    given = documents.find(tx, "Consent", patient=f"Patient/{elder}")
    if given and not any(_in_force(one.resource, rules) for one in given):
        raise Conflict("consent.withdrawn", elder=elder, rule=RULE)


def _in_force(consent: read.Json, rules: Rules) -> bool:
    provision = consent.get("provision", {})
    period = provision.get("period", {})
    start, end = read.day(period.get("start")), read.last_day(period.get("end"))
    return (
        consent.get("status") == "active"
        and provision.get("type", "permit") == "permit"
        and (start is None or start <= rules.day)
        and (end is None or rules.day <= end)
    )
